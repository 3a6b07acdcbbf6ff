"""The body of a call to the validation service: documents, or one AdmissionReview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from webhook.admission.reading import MAX_REVIEW_BYTES, NotAReviewError, read_review
from webhook.admission.review import NULL, REVIEW_KIND, Review
from webhook.validation.check import is_object, not_an_object
from webhook.validation.dialect import Dialect
from webhook.validation.documents import Document, Unreadable, documents_of, read_documents
from webhook.validation.form import Form, form_of
from webhook.validation.limits import OF_REQUESTS

SOURCE: Final = "request"
"""In place of the name of a file."""
MAX_POSTED_BYTES: Final = MAX_REVIEW_BYTES
"""An AdmissionReview of the largest size can be posted as it was received."""


class Format(StrEnum):
    JSON = "json"
    YAML = "yaml"


class NotPostableError(Exception):
    """The body cannot be checked; `reasons` say why, one line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Posted:
    """Documents that are Snapgate's business with their forms, or a review and the object in it."""

    documents: tuple[tuple[Document, Form], ...] = ()
    review: tuple[Review, Document] | None = None


def read_posted(body: bytes, format_: Format, namespace: str, dialect: Dialect) -> Posted:
    """Raises NotPostableError. Takes time in proportion to the limits: not for an event loop."""
    documents = _documents(body, format_)
    if len(documents) == 1 and (documents[0].object or {}).get("kind") == REVIEW_KIND:
        return Posted(review=_review(documents[0]))
    if any((each.object or {}).get("kind") == REVIEW_KIND for each in documents):
        raise NotPostableError([f"an {REVIEW_KIND} is judged by itself: post it without other documents"])
    strangers = [str(not_an_object(each)) for each in documents if not is_object(each)]
    if strangers:
        raise NotPostableError(strangers)
    forms = ((each, form_of(each, namespace, dialect)) for each in documents)
    return Posted(tuple((document, found) for document, found in forms if found is not None))


def _documents(body: bytes, format_: Format) -> list[Document]:
    read = list(_read(body, format_))
    unreadable = [str(each) for each in read if isinstance(each, Unreadable)]
    if unreadable or not read:
        raise NotPostableError(unreadable or ["there is no object in the body"])
    return [each for each in read if isinstance(each, Document)]


def _read(body: bytes, format_: Format) -> Sequence[Document | Unreadable]:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise NotPostableError([f"{SOURCE}: this is not UTF-8 from byte {error.start} on"]) from error
    if format_ is Format.YAML:
        return list(read_documents(text, SOURCE, OF_REQUESTS))
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotPostableError([f"{SOURCE}: this is not JSON: {error}"]) from error
    return list(documents_of(content, SOURCE, OF_REQUESTS))


def _review(document: Document) -> tuple[Review, Document]:
    try:
        review = read_review(msgspec.json.encode(document.content))
    except (NotAReviewError, OverflowError, UnicodeEncodeError, RecursionError) as error:
        raise NotPostableError([f"{document.source}: {error}"]) from error
    judged: Any = msgspec.json.decode(review.object if review.object != NULL else review.old_object)
    return review, Document(document.source, document.file, judged)
