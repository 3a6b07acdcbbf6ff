"""How the snapshots and operations of the cluster are, for Prometheus. Every reconciler counts the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from webhook.api import virtual_machine_operation as operations
from webhook.api.kind import Kind
from webhook.api.operation import Mode
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, OperationType
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, RestorableReason, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.virtual_machine_snapshot_operation import OperationType as SnapshotOperationType
from webhook.facts.unfinished import mode_of
from webhook.findings.catalogue import CODES
from webhook.reconciler.status.restorable import PASSING, told_restorability

_SNAPSHOTS: Final = frozenset({VIRTUAL_DISK_SNAPSHOT.name, VIRTUAL_MACHINE_SNAPSHOT.name})
_EXECUTED: Final = frozenset(
    {
        (VIRTUAL_MACHINE_OPERATION.name, str(OperationType.RESTORE)),
        (VIRTUAL_MACHINE_OPERATION.name, str(OperationType.CLONE)),
        (VIRTUAL_MACHINE_SNAPSHOT_OPERATION.name, str(SnapshotOperationType.CREATE_VIRTUAL_MACHINE)),
    }
)
"""Operations of other types are the machine side's."""
_OVER: Final = (operations.Phase.COMPLETED, operations.Phase.FAILED)
OTHER: Final = "other"
"""For what a closed set of values does not have: whoever may write a status may write anything there."""


class ObjectMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._snapshots = Gauge(
            "snapgate_snapshots", "Snapshots there are, by phase", ["kind", "phase"], registry=registry
        )
        self._operations = Gauge(
            "snapgate_operations", "Operations there are, by phase", ["kind", "type", "phase"], registry=registry
        )
        self._finished = Counter(
            "snapgate_operations_finished",
            "Operations that came to their end while this process was looking",
            ["kind", "type", "phase"],
            registry=registry,
        )
        self._restorable = Gauge(
            "snapgate_snapshots_restorable",
            "Machine snapshots whose machine could be restored now, by whether images or classes are missing",
            ["losses"],
            registry=registry,
        )
        self._not_restorable = Gauge(
            "snapgate_snapshots_not_restorable",
            "Ready machine snapshots whose machine could not be restored now, by the first reason",
            ["code"],
            registry=registry,
        )
        self._start_at_zero()

    def changed(self, kind: Kind[Any], old: Any, new: Any) -> None:
        """An Inventory listener."""
        for side, by in ((old, -1), (new, 1)):
            if side is not None:
                for gauge in self._gauges(kind.name, side):
                    gauge.inc(by)
        if old is not None and new is not None and _is_executed(kind.name, new):
            phase = new.status.phase
            if phase in _OVER and old.status.phase != phase and old.metadata.uid == new.metadata.uid:
                self._finished.labels(kind.name, new.spec.type, phase).inc()

    def _gauges(self, kind: str, side: Any) -> Iterator[Gauge]:
        if kind in _SNAPSHOTS:
            yield self._snapshots.labels(kind, _phase(side, Phase))
        if kind == VIRTUAL_MACHINE_SNAPSHOT.name:
            yield from self._of_restorability(side)
        if _is_executed(kind, side):
            yield self._operations.labels(kind, side.spec.type, _phase(side, operations.Phase))

    def _of_restorability(self, snapshot: VirtualMachineSnapshot) -> Iterator[Gauge]:
        told = told_restorability(snapshot)
        if told is None or snapshot.status.phase != Phase.READY:
            return
        if told.status == "True":
            yield self._restorable.labels(_spelled(told.reason == RestorableReason.WITH_LOSSES))
        elif told.status == "False":
            yield self._not_restorable.labels(told.reason if told.reason in _CODES else OTHER)

    def _start_at_zero(self) -> None:
        for kind in _SNAPSHOTS:
            for phase in chain(Phase, (OTHER,)):
                self._snapshots.labels(kind, phase)
        for kind, type_ in _EXECUTED:
            for phase in chain(operations.Phase, (OTHER,)):
                self._operations.labels(kind, type_, phase)
            for phase in _OVER:
                self._finished.labels(kind, type_, phase)
        for losses in (True, False):
            self._restorable.labels(_spelled(losses))
        for code in (*_CODES, OTHER):
            self._not_restorable.labels(code)


_CODES: Final = tuple(code.name for code in CODES.values() if code.blocking is not None and code.name not in PASSING)


def _is_executed(kind: str, side: Any) -> bool:
    """A dry run is a question, and Failed is one of its answers."""
    return (kind, getattr(getattr(side, "spec", None), "type", "")) in _EXECUTED and mode_of(side) != Mode.DRY_RUN


def _phase(side: Any, known: Any) -> str:
    """Of one that nobody has looked at yet: Pending."""
    phase = side.status.phase or Phase.PENDING
    return str(phase) if phase in known.__members__.values() else OTHER


def _spelled(value: bool) -> str:
    return str(value).lower()
