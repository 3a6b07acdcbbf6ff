from __future__ import annotations

from prometheus_client import CollectorRegistry

from tests.support import copies, dependency_manifests
from tests.support.manifests import Json
from tests.support.object_store import typed
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.reconciler.metrics import ReconcilerMetrics
from webhook.reconciler.operation_census import OperationCensus


class Counted:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.census = OperationCensus(ReconcilerMetrics(self._registry))

    def __call__(self, type_: str, phase: str) -> float | None:
        return self._registry.get_sample_value("snapgate_operations", {"type": type_, "phase": phase})


def seen(body: Json, kind: Kind[Object] = VIRTUAL_MACHINE_OPERATION) -> Object:
    found: Object = typed(kind, body)
    return found


def restore(phase: str) -> Object:
    return seen(dependency_manifests.restore("r", of="vm", snapshot="snap", phase=phase))


def test_an_operation_counts_in_the_phase_that_it_is_in() -> None:
    counted = Counted()
    counted.census.changed(VIRTUAL_MACHINE_OPERATION, None, restore(""))
    assert counted("Restore", "Pending") == 1
    counted.census.changed(VIRTUAL_MACHINE_OPERATION, restore(""), restore("InProgress"))
    assert (counted("Restore", "Pending"), counted("Restore", "InProgress")) == (0, 1)
    counted.census.changed(VIRTUAL_MACHINE_OPERATION, restore("InProgress"), None)
    assert counted("Restore", "InProgress") == 0


def test_copies_of_snapshots_count_too() -> None:
    counted = Counted()
    copy = seen(copies.created_from_snapshot("c"), VIRTUAL_MACHINE_SNAPSHOT_OPERATION)
    counted.census.changed(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, None, copy)
    assert counted("CreateVirtualMachine", "Pending") == 1


def test_types_and_phases_of_others_are_no_labels() -> None:
    counted = Counted()
    stop = seen(dependency_manifests.power_operation("s", of="vm"))
    assert isinstance(stop, VirtualMachineOperation)
    counted.census.changed(VIRTUAL_MACHINE_OPERATION, None, stop)
    counted.census.changed(VIRTUAL_MACHINE_OPERATION, None, restore("Invented"))
    assert counted("Stop", "InProgress") is None
    assert counted("Restore", "Invented") is None
