from __future__ import annotations

from pathlib import Path

import pytest

from webhook.app.policy_file import Given, PolicyFileError, policy_from, policy_without_file
from webhook.findings.code import Action, Profile
from webhook.findings.policy import Escape, Installation, Override, Policy, PolicyError

GOLDEN = Path(__file__).parent / "golden"
COMPLETE = """\
profile: gitops
permissions: enforce
overrides:
  DiskNotReady: deny
  SeveralDrivers: off
  ImageMissing: {blocking: wait, advisory: info}
escapes:
  - groups: [cluster-admins]
    users: [ann]
    codes: [SnapshotInUse]
"""
BROKEN = """\
profil: gitops
permissions: maybe
overrides:
  DiskNotReady: never
  SeveralDrivers: [off]
  ImageMissing: {blocks: wait}
escapes:
  - groups: [cluster-admins]
"""
BEYOND_THE_LIMITS = """\
permissions: warn
overrides:
  DiskNotFuond: deny
  DiskResizing: off
  SeveralDrivers: deny
  SnapshotContentTampered: wait
  SnapshotContentUnverified: off
  SchemaInvalid: wait
  PermissionMissing: deny
  ImageMissing: {}
escapes:
  - codes: [SnapshotInUse]
  - users: [ann]
    codes:
      - SnapshotContentProtected
      - SeveralDrivers
      - NoRenaming
      - Snapshotinuse
"""


def read(text: str, given: Given | None = None) -> Policy:
    return policy_from(text, "policy.yaml", given or Given())


def refusal(text: str, given: Given | None = None) -> str:
    with pytest.raises(PolicyFileError) as refused:
        read(text, given)
    return str(refused.value)


def test_everything_that_is_said_is_in_the_policy_with_its_line() -> None:
    assert read(COMPLETE) == Policy(
        Profile.GITOPS,
        overrides={
            "DiskNotReady": Override(Action.DENY, None, "policy.yaml:4"),
            "SeveralDrivers": Override(None, Action.OFF, "policy.yaml:5"),
            "ImageMissing": Override(Action.WAIT, Action.INFO, "policy.yaml:6"),
        },
        permissions_enforced=True,
        escapes=(
            Escape(frozenset({"SnapshotInUse"}), frozenset({"ann"}), frozenset({"cluster-admins"}), "policy.yaml:8"),
        ),
        profile_origin="policy.yaml:1",
        permissions_origin="policy.yaml:2",
    )


def test_off_is_understood_as_helm_writes_it() -> None:
    policy = read("overrides:\n  SeveralDrivers: false\n  ImageMissing:\n    advisory: false\n")
    assert {code: override.advisory for code, override in policy.overrides.items()} == {
        "SeveralDrivers": Action.OFF,
        "ImageMissing": Action.OFF,
    }


def test_sections_without_content_say_nothing() -> None:
    assert read("overrides:\nescapes: []\npermissions:\n") == policy_without_file(Given())


@pytest.mark.parametrize(
    ("given", "text", "profile", "origin"),
    [
        (Given(), "overrides:", Profile.STRICT, "default of full mode"),
        (Given(Installation.GUARD), "overrides:", Profile.GUARD, "default of guard mode"),
        (Given(profile=Profile.GITOPS, origin="SNAPGATE_PROFILE"), "overrides:", Profile.GITOPS, "SNAPGATE_PROFILE"),
        (Given(profile=Profile.GITOPS, origin="SNAPGATE_PROFILE"), "profile: strict", Profile.STRICT, "policy.yaml:1"),
        (
            Given(profile=Profile.GITOPS, origin="--profile", insists=True),
            "profile: strict",
            Profile.GITOPS,
            "--profile",
        ),
    ],
)
def test_file_goes_before_the_environment_and_one_who_insists_before_the_file(
    given: Given, text: str, profile: Profile, origin: str
) -> None:
    policy = read(text, given)
    assert (policy.profile, policy.profile_origin) == (profile, origin)


def test_profile_that_waits_is_refused_in_guard_mode_where_it_is_said() -> None:
    given = Given(Installation.GUARD)
    assert refusal("permissions: warn\nprofile: gitops\n", given).startswith("policy.yaml:2: profile gitops")
    with pytest.raises(PolicyError):
        policy_without_file(Given(Installation.GUARD, Profile.GITOPS))


@pytest.mark.parametrize(("name", "text"), [("wrong-shape", BROKEN), ("beyond-the-limits", BEYOND_THE_LIMITS)])
def test_everything_that_is_wrong_is_said_at_once_with_its_line(name: str, text: str) -> None:
    assert refusal(text) + "\n" == (GOLDEN / f"policy-{name}.txt").read_text()


@pytest.mark.parametrize("text", ["", "x", "[]", "a: [", "profile: strict\nprofile: strict\n", "1: 2", "null", "\x00"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    assert refusal(text).startswith("policy.yaml:")
