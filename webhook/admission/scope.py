"""What of each kind can matter to a rule: which writes, of which objects, and which of their members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from webhook.admission.review import NULL, GroupVersionKind
from webhook.api.data_export import DATA_EXPORT, LEGACY_DATA_EXPORT
from webhook.api.kind import Kind
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.virtual_disk import VIRTUAL_DISK, ObjectReferenceKind
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, OperationType
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.facts.request import Operation


class Metadata(Struct, frozen=True, rename="camel"):
    deletion_timestamp: str | None = None


class Part(Struct, frozen=True, rename="camel"):
    """The members of an object that rules are about, as bytes.

    The API server writes both objects of an update with the same encoder, so members that are equal are equal bytes.
    Read even from objects that have the wrong shape elsewhere.
    """

    metadata: Metadata | None = None

    @property
    def deleting(self) -> bool:
        return self.metadata is not None and self.metadata.deletion_timestamp is not None

    @property
    def members(self) -> tuple[Raw, ...]:
        """An update that leaves these alone is nothing to judge."""
        raise NotImplementedError

    @property
    def concerned(self) -> bool:
        """Whether any rule is about such an object."""
        return True

    @property
    def update_concerned(self) -> bool:
        """Whether any rule is about a change of its members."""
        return self.concerned


class Specified(Part, frozen=True):
    """An object that is ours as a whole."""

    spec: Raw = NULL

    @property
    def members(self) -> tuple[Raw, ...]:
        return (self.spec,)


class _OperationSpec(Struct, frozen=True):
    type: str | None = None


_OPERATION_SPEC: Final = msgspec.json.Decoder(_OperationSpec)
_OF_SNAPSHOTS: Final = frozenset({OperationType.RESTORE, OperationType.CLONE})


class MachineOperation(Specified, frozen=True):
    @property
    def concerned(self) -> bool:
        """Starting, stopping and migrating machines is the machine side's, and goes on without us."""
        try:
            return _OPERATION_SPEC.decode(self.spec).type in _OF_SNAPSHOTS
        except (msgspec.DecodeError, RecursionError):
            return True  # whoever judges it says what is wrong


class _ObjectReference(Struct, frozen=True):
    kind: str | None = None


class _DataSource(Struct, frozen=True, rename="camel"):
    object_ref: _ObjectReference | None = None


_DATA_SOURCE: Final = msgspec.json.Decoder(_DataSource | None)


class _Claim(Struct, frozen=True):
    size: Raw = NULL


class _DiskSpec(Struct, frozen=True, rename="camel"):
    data_source: Raw = NULL
    persistent_volume_claim: _Claim | None = None


class Disk(Part, frozen=True):
    spec: _DiskSpec | None = None

    @property
    def members(self) -> tuple[Raw, ...]:
        spec = self.spec or _DiskSpec()
        return spec.data_source, (spec.persistent_volume_claim or _Claim()).size

    @property
    def concerned(self) -> bool:
        """A new disk only when a snapshot is what it is made of; most are made of images."""
        return _is_a_snapshot((self.spec or _DiskSpec()).data_source)

    @property
    def update_concerned(self) -> bool:
        return True


def _is_a_snapshot(data_source: Raw) -> bool:
    """Also when it cannot be read: whoever judges it says what is wrong."""
    try:
        source = _DATA_SOURCE.decode(data_source)
    except (msgspec.DecodeError, RecursionError):
        return True
    reference = source.object_ref if source is not None else None
    return reference is not None and reference.kind == ObjectReferenceKind.VIRTUAL_DISK_SNAPSHOT


class SecretPart(Part, frozen=True):
    type: str | None = None
    data: Raw = NULL

    @property
    def members(self) -> tuple[Raw, ...]:
        return (self.data,)

    @property
    def concerned(self) -> bool:
        """The API server lets nobody change the type."""
        return self.type == SNAPSHOT_SECRET_TYPE


@dataclass(frozen=True, slots=True)
class Scope:
    kind: Kind[Any]
    operations: frozenset[Operation]
    part: msgspec.json.Decoder[Any]

    def read(self, raw: Raw) -> Part | None:
        """None when it cannot be read, which is for whoever judges it to say."""
        try:
            part: Part = self.part.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return None
        return part


_SPECIFIED: Final = msgspec.json.Decoder(Specified)
_MACHINE_OPERATION: Final = msgspec.json.Decoder(MachineOperation)
_DISK: Final = msgspec.json.Decoder(Disk)
_SECRET: Final = msgspec.json.Decoder(SecretPart)


_ALL: Final = frozenset(Operation)
_SCOPES: Final = (
    Scope(VIRTUAL_DISK_SNAPSHOT, _ALL, _SPECIFIED),
    Scope(VIRTUAL_MACHINE_SNAPSHOT, _ALL, _SPECIFIED),
    Scope(VIRTUAL_MACHINE_OPERATION, _ALL, _MACHINE_OPERATION),
    Scope(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, frozenset({Operation.CREATE, Operation.UPDATE}), _SPECIFIED),
    Scope(VIRTUAL_DISK, frozenset({Operation.CREATE, Operation.UPDATE}), _DISK),
    Scope(SECRET, _ALL, _SECRET),
    Scope(DATA_EXPORT, frozenset({Operation.CREATE}), _SPECIFIED),
    Scope(LEGACY_DATA_EXPORT, frozenset({Operation.CREATE}), _SPECIFIED),
)
SCOPES: Final[Mapping[GroupVersionKind, Scope]] = {
    GroupVersionKind(each.kind.group, each.kind.version, each.kind.name): each for each in _SCOPES
}
