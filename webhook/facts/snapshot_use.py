"""Who still needs a snapshot: operations that have not finished, and disks whose data is not there yet."""

from __future__ import annotations

from msgspec import Struct

from webhook.api.reference import Reference
from webhook.api.virtual_disk import BEFORE_DATA, VirtualDisk
from webhook.api.virtual_machine_operation import OperationType, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import VirtualMachineSnapshotOperation
from webhook.facts.unfinished import machine_operation_is_unfinished, snapshot_operation_is_unfinished


class SnapshotUser(Struct, frozen=True, gc=False):
    reference: Reference
    phase: str
    machine: str
    """The machine it acts on; `""` when there is none yet."""
    needs: Reference
    """The snapshot it needs: the one that was asked about, or a disk's snapshot that belongs to it."""


def restored_snapshot(operation: VirtualMachineOperation) -> str:
    """The machine snapshot that the operation has yet to restore; `""` when there is none.

    One that is being deleted is given up: what is left of it needs no snapshot any more.
    """
    restore = operation.spec.restore
    if operation.spec.type != OperationType.RESTORE or restore is None or operation.metadata.deleting:
        return ""
    return restore.virtual_machine_snapshot_name if machine_operation_is_unfinished(operation) else ""


def copied_snapshot(operation: VirtualMachineSnapshotOperation) -> str:
    """The machine snapshot that the operation has yet to make a machine of; `""` when there is none."""
    unfinished = snapshot_operation_is_unfinished(operation) and not operation.metadata.deleting
    return operation.spec.virtual_machine_snapshot_name if unfinished else ""


def awaited_snapshot(disk: VirtualDisk) -> str:
    """The disk snapshot whose data the disk has yet to receive; `""` when there is none."""
    return disk.source_snapshot if disk.status.phase in BEFORE_DATA and not disk.metadata.deleting else ""
