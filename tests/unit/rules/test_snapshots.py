"""Every situation of the tables, and that the tables leave no code out."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.support.cases import Case
from tests.support.deletion_cases import OPERATION_DELETIONS, SNAPSHOT_DELETIONS
from tests.support.dependency_cases import DEPENDENCY_CASES
from tests.support.disk_snapshot_cases import DISK_CASES
from tests.support.machine_snapshot_cases import MACHINE_CASES
from tests.support.update_cases import UPDATE_CASES
from tests.support.world import World
from webhook.evaluation.evaluate import evaluate
from webhook.findings.policy import Policy

CASES: tuple[Case, ...] = (
    *DISK_CASES,
    *MACHINE_CASES,
    *DEPENDENCY_CASES,
    *UPDATE_CASES,
    *SNAPSHOT_DELETIONS,
    *OPERATION_DELETIONS,
)

ON_DISK_SNAPSHOTS = {
    "ConsistencyNotGuaranteed",
    "ConsistencyUnavailable",
    "DiskDeleting",
    "DiskNotFound",
    "DiskNotReady",
    "DiskResizing",
    "DiskSharedByMachines",
    "VolumeNotBound",
    "VolumeSnapshotClassMissing",
}
ON_MACHINE_SNAPSHOTS = ON_DISK_SNAPSHOTS - {"DiskNotFound"} | {
    "AddressBecomesStatic",
    "AddressNotReady",
    "AttachmentNotReady",
    "ClassNotFound",
    "DerivedNameTooLong",
    "ImageNotReady",
    "ImagesNotSaved",
    "MacAddressNotReady",
    "MachineDeleting",
    "MachineNotFound",
    "MachinePhaseUnsuitable",
    "PendingChangesIncluded",
    "ProvisioningSecretNotFound",
    "SeveralDrivers",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.request.operation} {case.request.kind.name}: {case}")
def test_exactly_the_codes_of_the_situation_are_found_in_order(case: Case, world: World) -> None:
    evaluation = evaluate(case.request, case.arrange(world), Policy())
    assert tuple(judged.finding.code for judged in evaluation.findings) == case.codes


def test_the_tables_show_every_code_of_each_kind() -> None:
    assert codes_of(DISK_CASES) == ON_DISK_SNAPSHOTS
    assert codes_of((*MACHINE_CASES, *DEPENDENCY_CASES)) == ON_MACHINE_SNAPSHOTS
    assert codes_of(SNAPSHOT_DELETIONS) == {"SnapshotInUse"}
    assert codes_of(OPERATION_DELETIONS) == {"RestoreInterrupted"}


def codes_of(cases: Iterable[Case]) -> set[str]:
    return {code for case in cases for code in case.codes}
