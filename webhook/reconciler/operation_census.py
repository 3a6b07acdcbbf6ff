"""How many operations there are in which phase, followed change by change."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.virtual_machine_operation import OperationType, Phase, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import OperationType as SnapshotOperationType
from webhook.api.virtual_machine_snapshot_operation import VirtualMachineSnapshotOperation
from webhook.reconciler.metrics import OPERATION_PHASES, ReconcilerMetrics

_COUNTED: Final = (OperationType.RESTORE, OperationType.CLONE, SnapshotOperationType.CREATE_VIRTUAL_MACHINE)
"""What is executed here; power operations are the machine side's."""


class OperationCensus:
    def __init__(self, metrics: ReconcilerMetrics) -> None:
        self._metrics = metrics
        for type_ in _COUNTED:
            metrics.expect_operations(type_)

    def changed(self, _: Kind[Any], old: Object | None, new: Object | None) -> None:
        """An Inventory listener."""
        for side, change in ((old, -1), (new, 1)):
            if isinstance(side, VirtualMachineOperation | VirtualMachineSnapshotOperation):
                self._count(side, change)

    def _count(self, operation: VirtualMachineOperation | VirtualMachineSnapshotOperation, change: int) -> None:
        phase = operation.status.phase or Phase.PENDING
        if operation.spec.type in _COUNTED and phase in OPERATION_PHASES:
            self._metrics.count_operation(operation.spec.type, phase, change)
