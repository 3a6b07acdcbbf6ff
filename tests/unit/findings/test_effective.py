from __future__ import annotations

import pytest

from webhook.findings.catalogue import CODES
from webhook.findings.code import Action, Profile
from webhook.findings.effective import Line, effective
from webhook.findings.policy import Installation, Override, Policy


def lines_of(code: str, policy: Policy) -> list[Line]:
    return [line for line in effective(policy) if line.code == code]


@pytest.mark.parametrize("profile", Profile)
def test_every_code_has_a_line_and_an_origin(profile: Profile) -> None:
    lines = effective(Policy(profile))
    assert [line.code for line in lines] == sorted(line.code for line in lines)
    assert {line.code for line in lines} == set(CODES)
    assert all(line.origin for line in lines)


def test_kind_that_is_treated_otherwise_has_a_line_of_its_own() -> None:
    assert lines_of("MachineNotFound", Policy()) == [
        Line("MachineNotFound", True, None, Action.WAIT, "profile strict"),
        Line("MachineNotFound", True, "VirtualMachineOperation", Action.DENY, "profile strict"),
    ]


def test_kind_that_this_profile_treats_alike_has_none() -> None:
    assert lines_of("MachineNotFound", Policy(Profile.GITOPS)) == [
        Line("MachineNotFound", True, None, Action.WAIT, "profile gitops"),
    ]


def test_code_that_blocks_here_and_advises_there_has_a_line_for_each() -> None:
    policy = Policy(overrides={"ImageMissing": Override(advisory=Action.INFO, origin="policy.yaml:3")})
    assert lines_of("ImageMissing", policy) == [
        Line("ImageMissing", True, None, Action.DENY, "profile strict"),
        Line("ImageMissing", False, None, Action.INFO, "policy.yaml:3"),
    ]


@pytest.mark.parametrize(("enforced", "action"), [(False, Action.WARN), (True, Action.DENY)])
def test_missing_permission_has_one_line(enforced: bool, action: Action) -> None:
    policy = Policy(permissions_enforced=enforced, permissions_origin="policy.yaml:2")
    assert lines_of("PermissionMissing", policy) == [
        Line("PermissionMissing", enforced, None, action, "policy.yaml:2"),
    ]


def test_what_no_reconciler_waits_for_is_shown_as_a_warning() -> None:
    (export,) = lines_of("ExportTargetInUse", Policy(Profile.GITOPS))
    assert export.action is Action.WARN
    assert Action.WAIT not in {line.action for line in effective(Policy(Profile.GUARD, Installation.GUARD))}
