"""What is changed in a request before it is judged: the spelling, never the meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from webhook.admission.judged import JUDGED, Passage, passage
from webhook.admission.patch import PatchOperation, patch, pointer
from webhook.admission.review import Review
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


class _Asked(Struct):
    spec: Raw = Raw(b"null")


def mutation(review: Review) -> Mutation:
    """The patch that gives the object its canonical spelling. Pure, and needs no facts.

    What cannot be read is left for validation to refuse. An update that leaves the spec alone is left alone too: an
    immutable spec that was stored in another spelling would never take a label or lose a finalizer again.
    """
    passed = passage(review)
    if passed is not None:
        return Mutation(passage=passed)
    spec = _spec(review.object)
    return Mutation(patch(spec, canonical_spec(JUDGED[review.kind], spec), pointer("spec")))


def _spec(asked_for: Raw) -> Any:
    try:
        return msgspec.json.decode(msgspec.json.decode(asked_for, type=_Asked).spec)
    except _UNREADABLE:
        return None
