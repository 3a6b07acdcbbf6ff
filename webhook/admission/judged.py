"""Which reviews Snapgate judges, and which it lets through untouched."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Raw

from webhook.admission.review import GroupVersionKind, Review
from webhook.api.kind import Kind
from webhook.api.struct import ApiStruct
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.request import Operation

JUDGED: Final[Mapping[GroupVersionKind, Kind[Any]]] = {
    GroupVersionKind(kind.group, kind.version, kind.name): kind
    for kind in (VIRTUAL_DISK_SNAPSHOT, VIRTUAL_MACHINE_SNAPSHOT)
}

_OPERATIONS: Final = frozenset(Operation)


class Passage(StrEnum):
    """Why a review was let through without being judged."""

    FOREIGN = "foreign"
    """Of a kind or operation that Snapgate has no rules for: the webhook configuration sends too much."""
    SUBRESOURCE = "subresource"
    """A write of status or the like: changes of the spec in it are dropped by the API server."""
    DELETING = "deleting"
    """Whatever holds up the removal of finalizers holds up the deletion for ever."""
    UNCHANGED = "unchanged"
    """Labels and finalizers of an object must stay editable, whatever has become of the world since."""


class _Metadata(ApiStruct, frozen=True):
    deletion_timestamp: str | None = None


class _Judged(ApiStruct, frozen=True):
    """What decides whether an update is judged, read even from objects that have the wrong shape elsewhere."""

    metadata: _Metadata | None = None
    spec: Raw = Raw(b"null")


_DECODER: Final = msgspec.json.Decoder(_Judged)


def passage(review: Review) -> Passage | None:
    """Why this review is not judged; None when it is."""
    if review.kind not in JUDGED or review.operation not in _OPERATIONS:
        return Passage.FOREIGN
    if review.sub_resource:
        return Passage.SUBRESOURCE
    return _of_update(review) if review.operation == Operation.UPDATE else None


def _of_update(review: Review) -> Passage | None:
    new, old = _read(review.object), _read(review.old_object)
    if new is None or old is None:
        return None
    if new.metadata is not None and new.metadata.deletion_timestamp is not None:
        return Passage.DELETING
    # The API server writes both objects with the same encoder, so equal specs are equal bytes. Where they differ for
    # another reason, the rules compare values.
    return Passage.UNCHANGED if new.spec == old.spec else None


def _read(raw: Raw) -> _Judged | None:
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
