"""Which rules a request is held against, and what it would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from webhook.api.data_export import DATA_EXPORT
from webhook.api.meta import Object
from webhook.api.operation import CopySpec
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import (
    VIRTUAL_MACHINE_OPERATION,
    OperationType,
    RestoreSpec,
    VirtualMachineOperation,
)
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import (
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
    VirtualMachineSnapshotOperation,
)
from webhook.facts.facts import Facts
from webhook.facts.request import Operation, Request
from webhook.facts.unfinished import block_of
from webhook.findings.finding import Finding
from webhook.planning.plan import NOTHING, Plan
from webhook.planning.situation import CloneSituation, CopySituation, RestoreSituation, SnapshotCopySituation
from webhook.rules.clone import check_clone
from webhook.rules.data_export import check_data_export
from webhook.rules.deletion import disk_snapshot_is_unused, machine_snapshot_is_unused, restore_is_not_interrupted
from webhook.rules.disk_snapshot import check_disk_snapshot
from webhook.rules.immutability import spec_is_unchanged
from webhook.rules.machine_snapshot import check_machine_snapshot
from webhook.rules.operation import block_of_its_type_is_there, check_shape
from webhook.rules.permissions import permissions_suffice
from webhook.rules.restore import check_restore
from webhook.rules.snapshot_content import content_is_not_forged, content_is_not_needed, content_is_unchanged
from webhook.rules.snapshot_copy import check_snapshot_copy
from webhook.rules.virtual_disk import check_disk, check_disk_update

Findings = Iterator[Finding]


@dataclass(frozen=True, slots=True)
class Examination:
    findings: Findings
    plan: Plan = NOTHING


Check = Callable[[Reference, Any, Facts], Findings]
UpdateCheck = Callable[[Reference, Any, Any, Facts], Findings]
"""Takes the object asked for, then the present one."""
Examine = Callable[[Reference, Any, Facts], Examination]

_IMMUTABLE: Final[Mapping[str, str]] = {
    VIRTUAL_DISK_SNAPSHOT.name: "snapshot",
    VIRTUAL_MACHINE_SNAPSHOT.name: "snapshot",
    VIRTUAL_MACHINE_OPERATION.name: "operation",
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION.name: "operation",
}
"""What to create another of instead of editing this one."""

_ON_UPDATE: Final[Mapping[str, UpdateCheck]] = {
    VIRTUAL_DISK.name: check_disk_update,
    SECRET.name: content_is_unchanged,
}
_ON_DELETE: Final[Mapping[str, Check]] = {
    SECRET.name: content_is_not_needed,
    VIRTUAL_DISK_SNAPSHOT.name: disk_snapshot_is_unused,
    VIRTUAL_MACHINE_SNAPSHOT.name: machine_snapshot_is_unused,
    VIRTUAL_MACHINE_OPERATION.name: restore_is_not_interrupted,
}


def examine(request: Request, facts: Facts) -> Examination:
    """Raises UnreadableError, and so may its findings, where the facts are not KnownFacts."""
    match request.operation:
        case Operation.CREATE if request.object is not None:
            return _creation(request, request.object, facts)
        case Operation.UPDATE:
            return Examination(facts.each(_update(request, facts)))
        case Operation.DELETE if request.old_object is not None:
            return Examination(facts.each(_deletion(request, request.old_object, facts)))
        case _:
            return Examination(iter(()))


def _creation(request: Request, created: Object, facts: Facts) -> Examination:
    examine_kind = _ON_CREATE.get(request.kind.name)
    if examine_kind is None:
        return Examination(iter(()))
    examined = examine_kind(request.subject, created, facts)
    return Examination(facts.each(examined.findings, permissions_suffice(request)), examined.plan)


def _update(request: Request, facts: Facts) -> Findings:
    kind, new, old = request.kind.name, request.object, request.old_object
    if kind in _IMMUTABLE:
        yield from spec_is_unchanged(request.subject, new=new, old=old, instead=_IMMUTABLE[kind])
    elif kind in _ON_UPDATE and new is not None and old is not None:
        yield from _ON_UPDATE[kind](request.subject, new, old, facts)


def _deletion(request: Request, deleted: Object, facts: Facts) -> Findings:
    """In a namespace on its way out everything goes, in any order."""
    check = _ON_DELETE.get(request.kind.name)
    if check is not None and not facts.namespace_terminating:
        yield from check(request.subject, deleted, facts)


def _machine_operation(subject: Reference, operation: VirtualMachineOperation, facts: Facts) -> Examination:
    """Start, Stop and the like are the machine side's: only their shape is looked at."""
    block, shape = block_of(operation), check_shape(subject, operation)
    if isinstance(block, RestoreSpec):
        restore = RestoreSituation(operation, block, facts)
        return Examination(facts.each(shape, check_restore(subject, restore, facts)), _plan(restore, facts))
    if isinstance(block, CopySpec):
        clone = CloneSituation(operation, block, facts)
        return Examination(facts.each(shape, check_clone(subject, clone, facts)), _plan(clone, facts))
    if operation.spec.type in {OperationType.RESTORE, OperationType.CLONE}:
        return Examination(facts.each(shape, block_of_its_type_is_there(subject, operation)))
    return Examination(shape)


def _snapshot_operation(subject: Reference, operation: VirtualMachineSnapshotOperation, facts: Facts) -> Examination:
    block = operation.spec.create_virtual_machine
    if block is None:
        return Examination(block_of_its_type_is_there(subject, operation))
    copy = SnapshotCopySituation(operation, block, facts)
    return Examination(check_snapshot_copy(subject, copy, facts), _plan(copy, facts))


def _plan(situation: RestoreSituation | CopySituation, facts: Facts) -> Plan:
    return next(facts.each(each.plan for each in (situation,)), NOTHING)


def _checked(check: Check) -> Examine:
    """For what changes nothing but itself."""
    return lambda subject, created, facts: Examination(check(subject, created, facts))


_ON_CREATE: Final[Mapping[str, Examine]] = {
    VIRTUAL_DISK.name: _checked(check_disk),
    DATA_EXPORT.name: _checked(check_data_export),
    SECRET.name: _checked(content_is_not_forged),
    VIRTUAL_DISK_SNAPSHOT.name: _checked(check_disk_snapshot),
    VIRTUAL_MACHINE_SNAPSHOT.name: _checked(check_machine_snapshot),
    VIRTUAL_MACHINE_OPERATION.name: _machine_operation,
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION.name: _snapshot_operation,
}
