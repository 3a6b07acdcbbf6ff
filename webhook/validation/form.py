"""How a document is written: of which kind it is, what is wrong with its words, and how it should read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from webhook.api.kind import Kind
from webhook.api.reference import Reference
from webhook.validation.documents import Document
from webhook.validation.metadata import metadata_remarks
from webhook.validation.node import Node, Path
from webhook.validation.recognition import recognise, subject_of
from webhook.validation.remark import Correction, Part, Remark
from webhook.validation.shape import shape_remarks


@dataclass(frozen=True, slots=True)
class Form:
    """`kind` is None when nothing but the remarks can be told."""

    subject: Reference
    kind: Kind[Any] | None
    remarks: tuple[Remark, ...]
    content: Mapping[str, Any]
    """Without nulls, and with everything corrected that has one right answer: what its author meant."""

    @property
    def corrections(self) -> tuple[Correction, ...]:
        return corrections_in(self.remarks)


def form_of(document: Document, namespace: str) -> Form | None:
    """None when the document is no business of Snapgate's. `namespace` is that of documents that name none."""
    content = document.object
    recognised = recognise(content, namespace) if content is not None else None
    if content is None or recognised is None:
        return None
    subject, kind = subject_of(content, namespace), recognised.kind
    if kind is None:
        return Form(subject, None, recognised.remarks, content)
    subject = msgspec.structs.replace(subject, kind=kind.name)
    stated = without_nulls(content)

    def node_at(path: Path) -> Node | None:
        return document.node.at(path) if document.node is not None else None

    remarks = (
        *recognised.remarks,
        *metadata_remarks(stated, subject),
        *shape_remarks(kind, stated, subject, node_at),
    )
    return Form(subject, kind, remarks, corrected(stated, corrections_in(remarks)))


def corrections_in(remarks: Iterable[Remark]) -> tuple[Correction, ...]:
    return tuple(remark.correction for remark in remarks if remark.correction is not None)


def corrected(content: Any, corrections: Iterable[Correction]) -> Any:
    """Values first and names from the inside out, so that each path still leads somewhere."""
    for each in sorted(corrections, key=lambda each: (each.part is Part.KEY, -len(each.path))):
        content = each.applied(content)
    return content


def without_nulls(value: Any) -> Any:
    """The API server drops members that are null before it looks at an object (structural schema, "nullable"), and
    keeps what is null in a list."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
