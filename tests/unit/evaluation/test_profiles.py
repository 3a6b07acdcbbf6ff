"""What each profile makes of each code, against the table of the rule catalogue."""

from __future__ import annotations

import pytest

from tests.support.cases import Case
from tests.support.disk_snapshot_cases import DISK_CASES
from tests.support.machine_snapshot_cases import MACHINE_CASES
from tests.support.update_cases import UPDATE_CASES
from tests.support.world import World
from webhook.evaluation.evaluate import evaluate
from webhook.findings.code import Profile
from webhook.findings.policy import Policy

CASES: tuple[Case, ...] = (*DISK_CASES, *MACHINE_CASES, *UPDATE_CASES)

ALWAYS_DENIED = ("deny", "deny", "deny")
DENIED_OR_WAITS = ("deny", "wait", "deny")
WAITS_OR_DENIED = ("wait", "wait", "deny")
WARNED = ("warn", "warn", "warn")

ACTIONS = {
    "ConsistencyNotGuaranteed": WARNED,
    "ConsistencyUnavailable": DENIED_OR_WAITS,
    "DerivedNameTooLong": ALWAYS_DENIED,
    "DiskDeleting": ALWAYS_DENIED,
    "DiskNotFound": WAITS_OR_DENIED,
    "DiskNotReady": WAITS_OR_DENIED,
    "DiskResizing": DENIED_OR_WAITS,
    "DiskSharedByMachines": ALWAYS_DENIED,
    "ImagesNotSaved": WARNED,
    "MachineDeleting": ALWAYS_DENIED,
    "MachineNotFound": WAITS_OR_DENIED,
    "MachinePhaseUnsuitable": DENIED_OR_WAITS,
    "PendingChangesIncluded": WARNED,
    "SeveralDrivers": WARNED,
    "SpecImmutable": ALWAYS_DENIED,
    "VolumeNotBound": WAITS_OR_DENIED,
    "VolumeSnapshotClassMissing": DENIED_OR_WAITS,
}
"""In the order strict, gitops, guard."""


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.request.kind.name}: {case}")
def test_profile_decides_what_follows_from_each_code(case: Case, profile: Profile, world: World) -> None:
    evaluation = evaluate(case.request, case.arrange(world), Policy(profile))
    taken = [(judged.finding.code, judged.action.value) for judged in evaluation.findings]
    assert taken == [(code, expected(case, code, profile)) for code in case.codes]


def expected(case: Case, code: str, profile: Profile) -> str:
    if code == "DiskSharedByMachines" and not case.required_consistency:
        return "warn"
    if code == "DiskNotReady" and case.request.kind.name == "VirtualMachineSnapshot":
        return DENIED_OR_WAITS[list(Profile).index(profile)]
    return ACTIONS[code][list(Profile).index(profile)]
