from __future__ import annotations

from collections.abc import Callable

import pytest

from webhook.api.reference import Reference
from webhook.findings.across import PERMISSION_MISSING
from webhook.findings.catalogue import CATALOGUE
from webhook.findings.code import Action, Actions, Code, Profile
from webhook.findings.finding import Finding, Holder
from webhook.findings.policy import Escape, Installation, Override, Policy, PolicyError
from webhook.findings.snapshots import (
    CONSISTENCY_NOT_GUARANTEED,
    DISK_DELETING,
    DISK_NOT_READY,
    DISK_RESIZING,
    DISK_SHARED_BY_MACHINES,
)

LESS_THAN_WAIT = (Action.WARN, Action.INFO, Action.OFF)
SUBJECT = Reference("VirtualDisk", "default", "root")


def found(code: Code) -> Finding:
    return code.found(subject=SUBJECT, field="spec", message="it is so")


def test_strict_is_the_profile_of_one_who_says_nothing() -> None:
    assert Policy() == Policy(Profile.STRICT)


@pytest.mark.parametrize(
    ("profile", "of_disk", "of_machine"),
    [
        (Profile.STRICT, Action.WAIT, Action.DENY),
        (Profile.GITOPS, Action.WAIT, Action.WAIT),
        (Profile.GUARD, Action.DENY, Action.DENY),
    ],
)
def test_disk_that_is_not_ready_may_hold_up_its_own_snapshot_only(
    profile: Profile, of_disk: Action, of_machine: Action
) -> None:
    policy, finding = Policy(profile), found(DISK_NOT_READY)
    assert policy.action(finding, kind="VirtualDiskSnapshot") is of_disk
    assert policy.action(finding, kind="VirtualMachineSnapshot") is of_machine


@pytest.mark.parametrize("profile", Profile)
def test_a_code_that_only_advises_never_denies(profile: Profile) -> None:
    finding = found(CONSISTENCY_NOT_GUARANTEED)
    assert not finding.blocking
    assert Policy(profile).action(finding, kind="VirtualDiskSnapshot") is Action.WARN


@pytest.mark.parametrize("profile", Profile)
def test_a_code_that_may_block_can_be_noticed_instead(profile: Profile) -> None:
    noticed = DISK_SHARED_BY_MACHINES.noticed(subject=SUBJECT, field="spec", message="it is so")
    assert Policy(profile).action(noticed, kind="VirtualDiskSnapshot") is Action.WARN
    assert Policy(profile).action(found(DISK_SHARED_BY_MACHINES), kind="VirtualDiskSnapshot") is Action.DENY


def test_noticing_what_never_advises_is_a_mistake_in_a_rule() -> None:
    noticed = DISK_NOT_READY.noticed(subject=SUBJECT, field="spec", message="it is so")
    with pytest.raises(ValueError, match="DiskNotReady is never advisory"):
        Policy().action(noticed, kind="VirtualDiskSnapshot")


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize(
    ("code", "action"), [(DISK_NOT_READY, Action.WAIT), (DISK_RESIZING, Action.WAIT), (DISK_DELETING, Action.DENY)]
)
def test_what_already_waits_goes_on_waiting_for_what_may_yet_become_right(
    profile: Profile, code: Code, action: Action
) -> None:
    patient = Policy(profile).for_what_already_waits()
    assert patient.action(found(code), kind="VirtualDiskSnapshot") is action


def test_what_already_waits_is_still_warned() -> None:
    patient = Policy().for_what_already_waits()
    assert patient.action(found(CONSISTENCY_NOT_GUARANTEED), kind="VirtualDiskSnapshot") is Action.WARN


def test_override_goes_before_the_profile_for_every_kind() -> None:
    policy = Policy(Profile.GITOPS, overrides={"DiskNotReady": Override(blocking=Action.DENY)})
    for kind in ("VirtualDiskSnapshot", "VirtualMachineSnapshot"):
        assert policy.action(found(DISK_NOT_READY), kind=kind) is Action.DENY


def test_override_of_one_class_leaves_the_other() -> None:
    noticed = DISK_SHARED_BY_MACHINES.noticed(subject=SUBJECT, field="spec", message="it is so")
    policy = Policy(overrides={"DiskSharedByMachines": Override(advisory=Action.OFF)})
    assert policy.action(noticed, kind="VirtualDiskSnapshot") is Action.OFF
    assert policy.action(found(DISK_SHARED_BY_MACHINES), kind="VirtualDiskSnapshot") is Action.DENY


def test_what_already_waits_goes_on_waiting_whatever_is_overridden() -> None:
    policy = Policy(overrides={"DiskNotReady": Override(blocking=Action.DENY)})
    assert policy.for_what_already_waits().action(found(DISK_NOT_READY), kind="VirtualDiskSnapshot") is Action.WAIT


@pytest.mark.parametrize(
    ("code", "override"),
    [
        *((code, Override(blocking=action)) for code in ("DiskNotReady", "DiskDeleting") for action in LESS_THAN_WAIT),
        *(("SeveralDrivers", Override(blocking=action)) for action in (Action.DENY, Action.WAIT)),
        *(("SeveralDrivers", Override(advisory=action)) for action in (Action.DENY, Action.WAIT)),
        ("DiskNotReady", Override(advisory=Action.OFF)),
        ("SnapshotContentProtected", Override(blocking=Action.WAIT)),
        ("SnapshotContentTampered", Override(blocking=Action.WAIT)),
        ("SnapshotContentUnverified", Override(advisory=Action.INFO)),
        ("SnapshotContentUnverified", Override(advisory=Action.OFF)),
        ("PermissionMissing", Override(blocking=Action.WAIT)),
        ("PermissionMissing", Override(advisory=Action.OFF)),
        ("SchemaInvalid", Override(blocking=Action.WAIT)),
        ("NoSuchCode", Override(blocking=Action.DENY)),
    ],
    ids=str,
)
def test_override_beyond_the_limits_is_refused(code: str, override: Override) -> None:
    with pytest.raises(PolicyError, match=code):
        Policy(overrides={code: override})


@pytest.mark.parametrize("code", CATALOGUE, ids=lambda code: code.name)
def test_no_override_makes_a_blocking_code_pass(code: Code) -> None:
    """Whatever is accepted as an override, a finding that blocks still denies or waits."""
    for action in Action:
        try:
            policy = Policy(overrides={code.name: Override(blocking=action)})
        except PolicyError:
            continue
        assert policy.action(found(code), kind="VirtualMachineSnapshot") in (Action.DENY, Action.WAIT)


@pytest.mark.parametrize("make", [PERMISSION_MISSING.found, PERMISSION_MISSING.noticed])
def test_missing_permission_denies_only_when_enforced(make: Callable[..., Finding]) -> None:
    finding = make(subject=SUBJECT, field="spec", message="it is so")
    enforced = (Policy(permissions_enforced=True), Policy(overrides={"PermissionMissing": Override(Action.DENY)}))
    assert Policy().action(finding, kind="VirtualMachineOperation") is Action.WARN
    assert [policy.action(finding, kind="VirtualMachineOperation") for policy in enforced] == [Action.DENY] * 2


ESCAPE = Escape(frozenset({"DiskDeleting"}), users=frozenset({"ann"}), groups=frozenset({"admins"}))


@pytest.mark.parametrize(
    ("username", "groups", "action"),
    [
        ("ann", (), Action.WARN),
        ("bob", ("people", "admins"), Action.WARN),
        ("bob", ("people",), Action.DENY),
        ("", (), Action.DENY),
        ("admins", ("ann",), Action.DENY),
    ],
)
def test_escape_warns_whom_it_is_for(username: str, groups: tuple[str, ...], action: Action) -> None:
    policy = Policy(escapes=(ESCAPE,)).for_user(username, groups)
    assert policy.action(found(DISK_DELETING), kind="VirtualDiskSnapshot") is action
    assert policy.excuses(found(DISK_DELETING), kind="VirtualDiskSnapshot") is (action is Action.WARN)


def test_escape_concerns_its_own_codes_only() -> None:
    policy = Policy(escapes=(ESCAPE,)).for_user("ann", ())
    assert policy.action(found(DISK_RESIZING), kind="VirtualDiskSnapshot") is Action.DENY
    assert not policy.excuses(found(DISK_RESIZING), kind="VirtualDiskSnapshot")


def test_nothing_is_escaped_where_the_code_only_advises() -> None:
    escape = Escape(frozenset({"DiskSharedByMachines"}), users=frozenset({"ann"}))
    policy = Policy(escapes=(escape,), overrides={"DiskSharedByMachines": Override(advisory=Action.INFO)}).for_user(
        "ann", ()
    )
    noticed = DISK_SHARED_BY_MACHINES.noticed(subject=SUBJECT, field="spec", message="it is so")
    assert policy.action(noticed, kind="VirtualDiskSnapshot") is Action.INFO
    assert not policy.excuses(noticed, kind="VirtualDiskSnapshot")


@pytest.mark.parametrize("code", [code for code in CATALOGUE if code.fixed or code.own], ids=lambda code: code.name)
def test_no_privilege_escapes_what_protects_content_and_rights_or_is_wrong_in_itself(code: Code) -> None:
    with pytest.raises(PolicyError, match=code.name):
        Policy(escapes=(Escape(frozenset({code.name}), users=frozenset({"ann"})),))


def test_content_and_permissions_are_what_is_fixed() -> None:
    fixed = {code.name for code in CATALOGUE if code.fixed}
    assert fixed == {"PermissionMissing"} | {code.name for code in CATALOGUE if code.name.startswith("SnapshotContent")}


def test_guard_mode_has_nobody_who_waits() -> None:
    with pytest.raises(PolicyError, match="reconciler"):
        Policy(Profile.GITOPS, Installation.GUARD)


@pytest.mark.parametrize("profile", Profile)
def test_actions_are_looked_up_by_profile(profile: Profile) -> None:
    actions = Actions(strict=Action.DENY, gitops=Action.WAIT, guard=Action.INFO)
    assert actions.under(profile) is getattr(actions, profile.value)


@pytest.mark.parametrize(
    ("remedy", "text"), [("stop it", "it is so; stop it [DiskNotReady]"), (None, "it is so [DiskNotReady]")]
)
def test_text_says_what_is_what_to_do_and_the_code(remedy: str | None, text: str) -> None:
    assert DISK_NOT_READY.found(subject=SUBJECT, field="spec", message="it is so", remedy=remedy).text == text


def test_finding_remembers_who_holds_what_is_in_the_way() -> None:
    holder = Holder("VirtualMachine", "default", "linux-vm", machine="linux-vm", phase="Running")
    finding = DISK_NOT_READY.found(subject=SUBJECT, field="spec", message="it is so", holder=holder)
    assert finding == Finding("DiskNotReady", True, "spec", "it is so", SUBJECT, holder=holder)
