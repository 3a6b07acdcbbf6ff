"""What a deletion must not break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from webhook.api.operation import Mode
from webhook.api.reference import Reference
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot
from webhook.api.virtual_machine_operation import (
    VIRTUAL_MACHINE_OPERATION,
    OperationType,
    Phase,
    VirtualMachineOperation,
)
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshot
from webhook.facts.facts import Facts
from webhook.facts.snapshot_use import SnapshotUser
from webhook.findings.deletion import RESTORE_INTERRUPTED, SNAPSHOT_IN_USE
from webhook.findings.finding import Finding, Holder

NAME_FIELD: Final = "metadata.name"
"""Of the object that is to go: kubectl prints a cause with its field, and a deletion has no other."""


def disk_snapshot_is_unused(subject: Reference, snapshot: VirtualDiskSnapshot, facts: Facts) -> Iterator[Finding]:
    yield from _unused(subject, facts.users_of_disk_snapshot(snapshot))


def machine_snapshot_is_unused(subject: Reference, snapshot: VirtualMachineSnapshot, facts: Facts) -> Iterator[Finding]:
    """Its children go with it, so their users count too."""
    yield from _unused(subject, facts.users_of_machine_snapshot(snapshot))


def restore_is_not_interrupted(subject: Reference, operation: VirtualMachineOperation, _: Facts) -> Iterator[Finding]:
    """The page: it is not recommended to delete a restore that is InProgress."""
    restore = operation.spec.restore
    under_way = operation.spec.type == OperationType.RESTORE and operation.status.phase == Phase.IN_PROGRESS
    if under_way and restore is not None and restore.mode != Mode.DRY_RUN:
        yield RESTORE_INTERRUPTED.noticed(
            subject=subject,
            field=NAME_FIELD,
            message=f"this may leave VirtualMachine {operation.spec.virtual_machine_name} half restored",
            remedy="better let the restore finish",
        )


def _unused(subject: Reference, users: Iterable[SnapshotUser]) -> Iterator[Finding]:
    for user in users:
        reference, phase = user.reference, user.phase or Phase.PENDING
        yield SNAPSHOT_IN_USE.found(
            subject=subject,
            field=NAME_FIELD,
            message=f"{reference} ({phase}) still needs {_as_part(user.needs, subject)}",
            remedy=_until_done(user),
            holder=Holder(reference.kind, reference.namespace, reference.name, user.machine, phase),
        )


def _as_part(needed: Reference, subject: Reference) -> str:
    if needed == subject:
        return str(needed)
    if needed.kind == VIRTUAL_DISK_SNAPSHOT.name:
        return f"{needed} of {subject}"
    return f"{needed}, which has {subject} in it"


def _until_done(user: SnapshotUser) -> str:
    name = user.reference.name
    if user.reference.kind == VIRTUAL_DISK.name:
        if user.phase == DiskPhase.WAIT_FOR_FIRST_CONSUMER:
            return f"start a machine with the disk, or delete it: kubectl delete vd {name}"
        return f"wait: kubectl wait vd/{name} --for=jsonpath={{.status.phase}}=Ready"
    short = "vmop" if user.reference.kind == VIRTUAL_MACHINE_OPERATION.name else "vmsop"
    if user.phase == Phase.IN_PROGRESS:
        return f"wait: kubectl wait {short}/{name} --for=jsonpath={{.status.phase}}=Completed"
    return f"wait, or delete it first: kubectl delete {short} {name}"
