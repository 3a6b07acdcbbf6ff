"""The body of a call to the validation service: documents, or one AdmissionReview."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from webhook.admission.reading import MAX_REVIEW_BYTES, NotAReviewError, read_review
from webhook.admission.review import NULL, REVIEW_KIND, Review
from webhook.validation.check import is_object, not_an_object
from webhook.validation.dialect import Dialect
from webhook.validation.documents import Document, Unreadable, documents_of, read_documents
from webhook.validation.field_path import field_of
from webhook.validation.form import Form, form_of
from webhook.validation.limits import OF_REQUESTS
from webhook.validation.node import Path
from webhook.validation.spelling import written_copy

SOURCE: Final = "request"
"""In place of the name of a file."""
MAX_POSTED_BYTES: Final = MAX_REVIEW_BYTES
"""An AdmissionReview of the largest size can be posted as it was received."""

MAX_NAME_CHARACTERS: Final = 1024
"""Of each text that says how a copy is named: it is repeated in the final name of every object and all that is said of
it. No name has more than 253."""


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
        review, inner = _review(documents[0])
        _refuse(_long_names(review.kind.kind, inner.source, inner.object or {}))
        return Posted(review=(review, inner))
    if any((each.object or {}).get("kind") == REVIEW_KIND for each in documents):
        raise NotPostableError([f"an {REVIEW_KIND} is judged by itself: post it without other documents"])
    _refuse(str(not_an_object(each)) for each in documents if not is_object(each))
    forms = ((each, form_of(each, namespace, dialect)) for each in documents)
    judged = tuple((document, found) for document, found in forms if found is not None)
    _refuse(reason for each, form in judged for reason in _long_names(form.subject.kind, each.source, form.content))
    return Posted(judged)


def _refuse(reasons: Iterable[str]) -> None:
    found = tuple(reasons)
    if found:
        raise NotPostableError(found)


def _long_names(kind: str, source: str, content: Mapping[str, Any]) -> Iterator[str]:
    at, copy = written_copy(kind, content)
    for path, text in _texts(copy, at):
        if len(text) > MAX_NAME_CHARACTERS:
            yield f"{source}: {field_of(path)} has {len(text)} characters, at most {MAX_NAME_CHARACTERS} are taken"


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for step, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(part, (*path, step))


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
