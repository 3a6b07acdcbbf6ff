"""What is changed in a request before it is judged: the spelling, never the meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from webhook.admission.judged import JUDGED, Passage, passage
from webhook.admission.ownership import moved_ownership
from webhook.admission.patch import PatchOperation, patch, pointer
from webhook.admission.review import NULL, Review
from webhook.api.canonical import canonical_spec

_UNREADABLE: Final = (msgspec.DecodeError, RecursionError)


class Outcome(StrEnum):
    PASSED = "passed"
    """Not even looked at."""
    KEPT = "kept"
    PATCHED = "patched"


class Mutation(Struct, frozen=True):
    operations: tuple[PatchOperation, ...] = ()
    passage: Passage | None = None

    @property
    def outcome(self) -> Outcome:
        if self.passage is not None:
            return Outcome.PASSED
        return Outcome.PATCHED if self.operations else Outcome.KEPT


class _Metadata(Struct, frozen=True, rename="camel"):
    managed_fields: Raw = NULL


class _Asked(Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    spec: Raw = NULL


def mutation(review: Review) -> Mutation:
    """The patch that gives the object its canonical spelling. Pure, and needs no facts.

    What cannot be read is left for validation to refuse. An update that leaves the spec alone is left alone too: an
    immutable spec that was stored in another spelling would never take a label or lose a finalizer again.
    """
    passed = passage(review)
    if passed is not None:
        return Mutation(passage=passed)
    written = _written(review.object)
    if written is None:
        return Mutation()
    kind = JUDGED[review.kind]
    spec = canonical_spec(kind, written.spec)
    if spec is written.spec:
        return Mutation()
    present = _written(review.old_object)
    managed_fields = moved_ownership(
        kind, written.managed_fields, spec, before=present.managed_fields if present is not None else None
    )
    return Mutation(
        (
            *patch(written.spec, spec, pointer("spec")),
            *patch(written.managed_fields, managed_fields, pointer("metadata", "managedFields")),
        )
    )


class _Written(Struct, frozen=True):
    spec: Any
    managed_fields: Any


def _written(asked_for: Raw) -> _Written | None:
    try:
        asked = msgspec.json.decode(asked_for, type=_Asked)
        return _Written(msgspec.json.decode(asked.spec), msgspec.json.decode(asked.metadata.managed_fields))
    except _UNREADABLE:
        return None
