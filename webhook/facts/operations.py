"""Operations that have not finished: they hold the machines, names and addresses that they plan to use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from webhook.api.kind import Kind
from webhook.api.reference import Reference, reference_to
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, Phase, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import (
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
    VirtualMachineSnapshotOperation,
)
from webhook.facts.indexes import (
    COPIES_BY_UID,
    OPERATIONS_BY_MACHINE,
    OPERATIONS_BY_UID,
    RESERVED_COPY_NAMES,
    RESERVED_NAMES,
    UNPLANNED_COPIES,
    UNPLANNED_OPERATIONS,
    in_namespace,
    named,
)
from webhook.facts.source import Source

AnyOperation = VirtualMachineOperation | VirtualMachineSnapshotOperation


class Rival(Struct, frozen=True):
    """An unfinished operation that comes before the one asked about."""

    reference: Reference
    phase: str
    operation: AnyOperation


class Operations:
    """Asked for one operation, the *asker*, which never counts itself.

    Of one that is new, all that is unfinished comes first. One that was accepted already yields only to what is under
    way or older, so that two that wait cannot block each other for ever.
    """

    def __init__(self, source: Source, namespace: str) -> None:
        self._source = source
        self._namespace = namespace

    def on_machine(self, machine: str, *, asker: AnyOperation) -> Iterator[Rival]:
        found = self._source.find(OPERATIONS_BY_MACHINE, in_namespace(self._namespace, machine))
        yield from self._before(found, VIRTUAL_MACHINE_OPERATION, asker)

    def reserving(self, kind: str, name: str, *, asker: AnyOperation) -> Iterator[Rival]:
        """Those whose status says that they make an object of this name."""
        value = named(self._namespace, kind, name)
        yield from self._before(self._source.find(RESERVED_NAMES, value), VIRTUAL_MACHINE_OPERATION, asker)
        copies = self._source.find(RESERVED_COPY_NAMES, value)
        yield from self._before(copies, VIRTUAL_MACHINE_SNAPSHOT_OPERATION, asker)

    def unplanned(self, *, asker: AnyOperation) -> Iterator[Rival]:
        """Those that have not written down yet what they make."""
        found = self._source.find(UNPLANNED_OPERATIONS, self._namespace)
        yield from self._before(found, VIRTUAL_MACHINE_OPERATION, asker)
        copies = self._source.find(UNPLANNED_COPIES, self._namespace)
        yield from self._before(copies, VIRTUAL_MACHINE_SNAPSHOT_OPERATION, asker)

    def with_uid(self, uid: str) -> AnyOperation | None:
        """In whatever phase."""
        found: list[AnyOperation] = [*self._source.find(OPERATIONS_BY_UID, uid), *self._source.find(COPIES_BY_UID, uid)]
        return found[0] if found else None

    def _before(self, found: Any, kind: Kind[Any], asker: AnyOperation) -> Iterator[Rival]:
        accepted = self._is_accepted(asker)
        for each in found:
            if _is_itself(each, asker):
                continue
            if not accepted or each.status.phase == Phase.IN_PROGRESS or _age(each) < _age(asker):
                yield Rival(reference_to(kind, each), each.status.phase or Phase.PENDING, each)

    def _is_accepted(self, asker: AnyOperation) -> bool:
        """Whether the cluster has it already: then it is the reconciler that asks."""
        kind: Kind[Any] = (
            VIRTUAL_MACHINE_OPERATION
            if isinstance(asker, VirtualMachineOperation)
            else VIRTUAL_MACHINE_SNAPSHOT_OPERATION
        )
        present = self._source.get(kind, self._namespace, asker.metadata.name) if asker.metadata.name else None
        return present is not None and bool(asker.metadata.uid) and present.metadata.uid == asker.metadata.uid


def _is_itself(operation: AnyOperation, asker: AnyOperation) -> bool:
    """A manifest that is checked without an API server has no uid, and may be of an operation that is under way."""
    if asker.metadata.uid:
        return operation.metadata.uid == asker.metadata.uid
    return type(operation) is type(asker) and operation.metadata.name == asker.metadata.name


def _age(operation: AnyOperation) -> tuple[str, str]:
    """Creation times have whole seconds; uids settle what happened within one, the same way for everybody."""
    return operation.metadata.creation_timestamp, operation.metadata.uid
