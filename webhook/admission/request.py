"""A Review to the Request that the rules judge."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec import Raw

from webhook.admission.judged import JUDGED
from webhook.admission.review import NULL, Review, UserInfo
from webhook.admission.shape import shape_finding
from webhook.admission.spelling import spelling_finding
from webhook.api.decoding import UndecodableError, decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.reference import Reference
from webhook.facts.request import Operation, Request
from webhook.facts.user import User
from webhook.findings.finding import Finding

T = TypeVar("T", bound=Object)


class WrongShapeError(Exception):
    """The object asked for does not have the shape of its kind; `finding` tells its author where."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


def request_from(review: Review) -> Request:
    """The request of a review whose kind and operation are judged.

    Only the object asked for must be readable. A present one that is not can still be deleted, and counts as
    different from whatever replaces it.

    Raises WrongShapeError.
    """
    kind = JUDGED[review.kind]
    try:
        asked_for = _decoded(kind, review.object)
    except UndecodableError as error:
        raise WrongShapeError(shape_finding(str(error), subject_of(review))) from error
    misspelled = spelling_finding(asked_for, subject_of(review)) if asked_for is not None else None
    if misspelled is not None:
        raise WrongShapeError(misspelled)
    return Request(
        operation=Operation(review.operation),
        kind=kind,
        namespace=review.namespace or "",
        object=asked_for,
        old_object=_present(kind, review.old_object),
        user=_user(review.user_info),
    )


def subject_of(review: Review) -> Reference:
    """The object a review is about, as far as the envelope names it."""
    return Reference(review.kind.kind, review.namespace or "", review.name or "")


def _user(info: UserInfo | None) -> User | None:
    """Without a name the API server would ask about nobody: it sends none only when it does not authenticate."""
    if info is None or not info.username:
        return None
    extra = tuple(sorted((info.extra or {}).items()))
    return User(info.username, info.uid or "", info.groups or (), extra)


def _present(kind: Kind[Any], raw: Raw) -> Object | None:
    try:
        return _decoded(kind, raw)
    except UndecodableError:
        return None


def _decoded(kind: Kind[T], raw: Raw) -> T | None:
    if raw == NULL:
        return None
    try:
        return decode(kind, raw)
    except RecursionError as error:
        raise UndecodableError("nested too deeply to be read") from error
