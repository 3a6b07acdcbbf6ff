"""Which operations have not finished, and what of their spec counts."""

from __future__ import annotations

from typing import Final

from webhook.api import virtual_machine_operation as operations
from webhook.api import virtual_machine_snapshot_operation as snapshot_operations
from webhook.api.meta import condition_is_true
from webhook.api.operation import CopySpec, Mode
from webhook.api.virtual_machine_operation import RestoreSpec, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import VirtualMachineSnapshotOperation

_MAINTENANCE: Final = "MaintenanceMode"
"""Condition of a Restore that has stopped its machine. While it is True the platform tries a Failed one again."""


def machine_operation_is_unfinished(operation: VirtualMachineOperation) -> bool:
    """Dry runs never count: they hold nothing. One that is being deleted still does, until its traces are gone."""
    if mode_of(operation) == Mode.DRY_RUN:
        return False
    status = operation.status
    return status.phase not in operations.FINISHED or condition_is_true(status.conditions, _MAINTENANCE)


def snapshot_operation_is_unfinished(operation: VirtualMachineSnapshotOperation) -> bool:
    return mode_of(operation) != Mode.DRY_RUN and operation.status.phase not in snapshot_operations.FINISHED


def mode_of(operation: VirtualMachineOperation | VirtualMachineSnapshotOperation) -> str:
    """`""` for operations that have none, and for those whose block is missing."""
    block = block_of(operation)
    return block.mode if block is not None else ""


def block_of(operation: VirtualMachineOperation | VirtualMachineSnapshotOperation) -> RestoreSpec | CopySpec | None:
    """The part of the spec that goes with its type."""
    if isinstance(operation, VirtualMachineSnapshotOperation):
        return operation.spec.create_virtual_machine
    match operation.spec.type:
        case operations.OperationType.RESTORE:
            return operation.spec.restore
        case operations.OperationType.CLONE:
            return operation.spec.clone
        case _:
            return None
