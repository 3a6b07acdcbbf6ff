"""Which reviews Snapgate judges, and which it lets through untouched."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Raw

from webhook.admission.review import GroupVersionKind, Review
from webhook.api.data_export import DATA_EXPORT, LEGACY_DATA_EXPORT
from webhook.api.kind import Kind
from webhook.api.secret import SECRET
from webhook.api.struct import ApiStruct
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.facts.request import Operation

_KINDS: Final = (
    VIRTUAL_DISK_SNAPSHOT,
    VIRTUAL_MACHINE_SNAPSHOT,
    VIRTUAL_MACHINE_OPERATION,
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
    VIRTUAL_DISK,
    SECRET,
    DATA_EXPORT,
    LEGACY_DATA_EXPORT,
)
_ALL: Final = frozenset(Operation)
_OPERATIONS: Final[Mapping[str, frozenset[Operation]]] = {
    VIRTUAL_DISK_SNAPSHOT.name: _ALL,
    VIRTUAL_MACHINE_SNAPSHOT.name: _ALL,
    VIRTUAL_MACHINE_OPERATION.name: _ALL,
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION.name: frozenset({Operation.CREATE, Operation.UPDATE}),
    VIRTUAL_DISK.name: frozenset({Operation.CREATE, Operation.UPDATE}),
    SECRET.name: _ALL,
    DATA_EXPORT.name: frozenset({Operation.CREATE}),
}
_MADE_BY_CONTROLLERS: Final = frozenset({VIRTUAL_DISK.name, SECRET.name})
"""Kinds of which the platform's controller writes objects while it restores and takes snapshots."""

JUDGED: Final[Mapping[GroupVersionKind, Kind[Any]]] = {
    GroupVersionKind(kind.group, kind.version, kind.name): kind for kind in _KINDS
}

CONTROLLERS: Final = frozenset(
    {
        "system:serviceaccount:kube-system:generic-garbage-collector",
        "system:serviceaccount:kube-system:namespace-controller",
        "system:kube-controller-manager",
        "system:serviceaccount:d8-virtualization:virtualization-controller",
    }
)
"""Who deletes because something else was deleted: the garbage collector and the namespace controller, under their own
names or (without --use-service-account-credentials) their process's, and the platform's controller."""


class Passage(StrEnum):
    """Why a review was let through without being judged."""

    FOREIGN = "foreign"
    """Of a kind or operation that Snapgate has no rules for: the webhook configuration sends too much."""
    SUBRESOURCE = "subresource"
    """A write of status or the like: changes of the spec in it are dropped by the API server."""
    DELETING = "deleting"
    """Whatever holds up the removal of finalizers holds up the deletion for ever."""
    CONTROLLER = "controller"
    """Rules about deletion and about what controllers make bind people: refusing a controller would only leave its work
    half done."""
    UNCHANGED = "unchanged"
    """Labels and finalizers of an object must stay editable, whatever has become of the world since."""


class _Metadata(ApiStruct, frozen=True):
    deletion_timestamp: str | None = None


class _Judged(ApiStruct, frozen=True):
    """What decides whether an update is judged, read even from objects that have the wrong shape elsewhere."""

    metadata: _Metadata | None = None
    spec: Raw = Raw(b"null")
    data: Raw = Raw(b"null")
    """Of a Secret."""


_DECODER: Final = msgspec.json.Decoder(_Judged)


def passage(review: Review) -> Passage | None:
    """Why this review is not judged; None when it is."""
    kind = JUDGED.get(review.kind)
    if kind is None or review.operation not in _OPERATIONS[kind.name]:
        return Passage.FOREIGN
    if review.sub_resource:
        return Passage.SUBRESOURCE
    if kind.name in _MADE_BY_CONTROLLERS and _by_controller(review):
        return Passage.CONTROLLER
    match review.operation:
        case Operation.UPDATE:
            return _of_update(review)
        case Operation.DELETE:
            return _of_delete(review)
        case _:
            return None


def _of_update(review: Review) -> Passage | None:
    new, old = _read(review.object), _read(review.old_object)
    if new is None or old is None:
        return None
    if new.metadata is not None and new.metadata.deletion_timestamp is not None:
        return Passage.DELETING
    # The API server writes both objects with the same encoder, so equal specs are equal bytes. Where they differ for
    # another reason, the rules compare values.
    return Passage.UNCHANGED if (new.spec, new.data) == (old.spec, old.data) else None


def _of_delete(review: Review) -> Passage | None:
    if _by_controller(review):
        return Passage.CONTROLLER
    old = _read(review.old_object)
    going = old is not None and old.metadata is not None and old.metadata.deletion_timestamp is not None
    return Passage.DELETING if going else None


def _by_controller(review: Review) -> bool:
    return review.user_info is not None and review.user_info.username in CONTROLLERS


def _read(raw: Raw) -> _Judged | None:
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
