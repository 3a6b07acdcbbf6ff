"""What each profile makes of each code, against the table of the rule catalogue."""

from __future__ import annotations

import pytest

from tests.support.cases import Case
from tests.support.deletion_cases import DELETION_CASES
from tests.support.dependency_cases import DEPENDENCY_CASES
from tests.support.disk_snapshot_cases import DISK_CASES
from tests.support.machine_snapshot_cases import MACHINE_CASES
from tests.support.protection_cases import PROTECTION_CASES
from tests.support.recovery_cases import DISK_UPDATE_CASES, RECOVERY_CASES
from tests.support.update_cases import UPDATE_CASES
from tests.support.world import World
from webhook.evaluation.evaluate import evaluate
from webhook.findings.code import Profile
from webhook.findings.policy import Policy

CASES: tuple[Case, ...] = (
    *DISK_CASES,
    *MACHINE_CASES,
    *DEPENDENCY_CASES,
    *UPDATE_CASES,
    *DELETION_CASES,
    *RECOVERY_CASES,
    *DISK_UPDATE_CASES,
    *PROTECTION_CASES,
)

ALWAYS_DENIED = ("deny", "deny", "deny")
DENIED_OR_WAITS = ("deny", "wait", "deny")
WAITS_OR_DENIED = ("wait", "wait", "deny")
WARNED = ("warn", "warn", "warn")
TOLD = ("info", "info", "info")

ACTIONS = {
    "AddressBecomesStatic": TOLD,
    "AddressNotReady": DENIED_OR_WAITS,
    "AttachmentNotReady": DENIED_OR_WAITS,
    "ClassNotFound": DENIED_OR_WAITS,
    "ConsistencyNotGuaranteed": WARNED,
    "ConsistencyUnavailable": DENIED_OR_WAITS,
    "DerivedNameTooLong": ALWAYS_DENIED,
    "DiskBeingSnapshotted": ALWAYS_DENIED,
    "DiskDeleting": ALWAYS_DENIED,
    "DiskNotFound": WAITS_OR_DENIED,
    "DiskNotReady": WAITS_OR_DENIED,
    "DiskResizing": DENIED_OR_WAITS,
    "DiskSharedByMachines": ALWAYS_DENIED,
    "DiskSmallerThanSnapshot": ALWAYS_DENIED,
    "DiskSourceImmutable": ALWAYS_DENIED,
    "ExportTargetInUse": ("deny", "warn", "deny"),
    "ImageNotReady": DENIED_OR_WAITS,
    "ImagesNotSaved": WARNED,
    "MacAddressNotReady": DENIED_OR_WAITS,
    "MachineDeleting": ALWAYS_DENIED,
    "MachineNotFound": WAITS_OR_DENIED,
    "MachinePhaseUnsuitable": DENIED_OR_WAITS,
    "PendingChangesIncluded": WARNED,
    "ProvisioningSecretNotFound": DENIED_OR_WAITS,
    "RestoreInterrupted": WARNED,
    "SeveralDrivers": WARNED,
    "SnapshotContentProtected": ALWAYS_DENIED,
    "SnapshotDataMissing": ALWAYS_DENIED,
    "SnapshotFailed": ALWAYS_DENIED,
    "SnapshotInUse": ALWAYS_DENIED,
    "SnapshotInconsistent": WARNED,
    "SpecImmutable": ALWAYS_DENIED,
    "StorageClassDiffers": WARNED,
    "StorageClassMissing": DENIED_OR_WAITS,
    "StorageDriverDiffers": ALWAYS_DENIED,
    "VolumeNotBound": WAITS_OR_DENIED,
    "VolumeSnapshotClassMissing": DENIED_OR_WAITS,
}
"""In the order strict, gitops, guard."""


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.request.operation} {case.request.kind.name}: {case}")
def test_profile_decides_what_follows_from_each_code(case: Case, profile: Profile, world: World) -> None:
    evaluation = evaluate(case.request, case.arrange(world), Policy(profile))
    taken = [(judged.finding.code, judged.action.value) for judged in evaluation.findings]
    assert taken == [(code, expected(case, code, profile)) for code in case.codes]


def expected(case: Case, code: str, profile: Profile) -> str:
    if code == "DiskSharedByMachines" and not case.required_consistency:
        return "warn"
    if code == "DiskNotReady" and case.request.kind.name == "VirtualMachineSnapshot":
        return DENIED_OR_WAITS[list(Profile).index(profile)]
    if code in {"SnapshotNotFound", "SnapshotNotReady"} and case.request.kind.name == "VirtualDisk":
        return "wait"
    action = ACTIONS[code][list(Profile).index(profile)]
    return "warn" if case.request.kind.name == "DataExport" and action == "wait" else action
