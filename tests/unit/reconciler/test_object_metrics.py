from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from tests.support import dependency_manifests, manifests
from tests.support.manifests import Json
from tests.support.object_store import typed
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.reconciler.object_metrics import ObjectMetrics


class Counted:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.metrics = ObjectMetrics(self.registry)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)

    def snapshot(self, old: Json | None, new: Json | None) -> None:
        self._changed(VIRTUAL_MACHINE_SNAPSHOT, old, new)

    def operation(self, old: Json | None, new: Json | None) -> None:
        self._changed(VIRTUAL_MACHINE_OPERATION, old, new)

    def _changed(self, kind: Any, *sides: Json | None) -> None:
        self.metrics.changed(kind, *(None if side is None else typed(kind, side) for side in sides))


@pytest.fixture
def counted() -> Counted:
    return Counted()


def snapshot(status: str, reason: str, *, phase: str = "Ready") -> Json:
    told = manifests.condition("Restorable", true=status == "True", reason=reason) | {"status": status}
    return manifests.machine_snapshot("snap", of="vm", phase=phase, conditions=[told])


def restore(phase: str) -> Json:
    return dependency_manifests.restore("restore", of="vm", snapshot="snap", phase=phase)


def test_every_series_is_there_from_the_start(counted: Counted) -> None:
    assert counted.value("snapgate_snapshots_not_restorable", code="MachineUIDMismatch") == 0
    assert counted.value("snapgate_snapshots_restorable", losses="true") == 0
    labels = {"kind": "VirtualMachineOperation", "type": "Restore"}
    assert counted.value("snapgate_operations", phase="InProgress", **labels) == 0
    assert counted.value("snapgate_operations_finished_total", phase="Failed", **labels) == 0


@pytest.mark.parametrize("code", ["OperationInProgress", "MachinePhaseUnsuitable"])
def test_a_reason_that_never_stands_there_has_no_series(counted: Counted, code: str) -> None:
    assert counted.value("snapgate_snapshots_not_restorable", code=code) is None


def test_a_snapshot_is_counted_where_it_is_now(counted: Counted) -> None:
    good, lossy, bad = (
        snapshot("True", "Restorable"),
        snapshot("True", "RestorableWithLosses"),
        snapshot("False", "MachineUIDMismatch"),
    )
    counted.snapshot(None, good)
    counted.snapshot(good, lossy)
    assert counted.value("snapgate_snapshots_restorable", losses="false") == 0
    assert counted.value("snapgate_snapshots_restorable", losses="true") == 1
    counted.snapshot(lossy, bad)
    assert counted.value("snapgate_snapshots_restorable", losses="true") == 0
    assert counted.value("snapgate_snapshots_not_restorable", code="MachineUIDMismatch") == 1
    counted.snapshot(bad, None)
    assert counted.value("snapgate_snapshots_not_restorable", code="MachineUIDMismatch") == 0


@pytest.mark.parametrize("told", [snapshot("Unknown", "Unknown"), snapshot("False", "X", phase="Failed")])
def test_neither_what_is_unknown_nor_what_failed_counts_as_not_restorable(counted: Counted, told: Json) -> None:
    counted.snapshot(None, told)
    samples = {
        sample.labels.get("code")
        for metric in counted.registry.collect()
        if metric.name in {"snapgate_snapshots_not_restorable", "snapgate_snapshots_restorable"}
        for sample in metric.samples
        if sample.value
    }
    assert samples == set()


def test_what_someone_wrote_into_a_status_makes_no_new_series(counted: Counted) -> None:
    counted.snapshot(None, snapshot("False", "my-own-reason"))
    assert counted.value("snapgate_snapshots_not_restorable", code="other") == 1
    assert counted.value("snapgate_snapshots_not_restorable", code="my-own-reason") is None


def test_an_operation_that_ends_is_counted_once(counted: Counted) -> None:
    labels = {"kind": "VirtualMachineOperation", "type": "Restore"}
    counted.operation(None, restore("Completed"))  # it ended before we looked
    counted.operation(restore("InProgress"), restore("Failed"))
    counted.operation(restore("Failed"), restore("Failed"))
    assert counted.value("snapgate_operations_finished_total", phase="Completed", **labels) == 0
    assert counted.value("snapgate_operations_finished_total", phase="Failed", **labels) == 1


def test_the_machine_sides_operations_are_left_to_it(counted: Counted) -> None:
    counted.operation(None, dependency_manifests.power_operation("stop", of="vm"))
    samples = [s for metric in counted.registry.collect() for s in metric.samples if s.name == "snapgate_operations"]
    assert {sample.value for sample in samples} == {0}


def test_a_dry_run_that_finds_conflicts_is_no_failure(counted: Counted) -> None:
    question = dependency_manifests.restore("restore", of="vm", snapshot="snap", mode="DryRun", phase="InProgress")
    counted.operation(question, question | {"status": {"phase": "Failed"}})
    labels = {"kind": "VirtualMachineOperation", "type": "Restore", "phase": "Failed"}
    assert counted.value("snapgate_operations_finished_total", **labels) == 0
    assert counted.value("snapgate_operations", **labels) == 0


def test_an_operation_without_a_phase_is_pending(counted: Counted) -> None:
    counted.operation(None, restore(""))
    labels = {"kind": "VirtualMachineOperation", "type": "Restore", "phase": "Pending"}
    assert counted.value("snapgate_operations", **labels) == 1
