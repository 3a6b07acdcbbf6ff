from __future__ import annotations

import pytest

from webhook.api.reference import Reference
from webhook.findings.code import Action, Actions, Code, Profile
from webhook.findings.finding import Finding, Holder
from webhook.findings.policy import Policy
from webhook.findings.snapshots import (
    CONSISTENCY_NOT_GUARANTEED,
    DISK_DELETING,
    DISK_NOT_READY,
    DISK_RESIZING,
    DISK_SHARED_BY_MACHINES,
)

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
