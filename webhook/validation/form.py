"""How a document is written: of which kind it is, what is wrong with its words, and how it should read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import msgspec

from webhook.api.canonical import canonical_spec
from webhook.api.kind import Kind
from webhook.api.reference import Reference
from webhook.findings.finding import Finding
from webhook.validation.dialect import Dialect
from webhook.validation.documents import Document
from webhook.validation.field_path import path_of
from webhook.validation.metadata import metadata_remarks
from webhook.validation.node import Node, Path
from webhook.validation.recognition import recognise, subject_of
from webhook.validation.remark import Correction, Part, Remark
from webhook.validation.shape import shape_remarks
from webhook.validation.spelling import new_names_are_texts, rules_as_documented, written_path


@dataclass(frozen=True, slots=True)
class Form:
    """`kind` is None when nothing but the remarks can be told."""

    subject: Reference
    kind: Kind[Any] | None
    remarks: tuple[Remark, ...]
    written: Mapping[str, Any]
    """Without nulls."""
    content: Mapping[str, Any]
    """With everything corrected that has one right answer, and spelled as it is stored: what its author meant."""

    @property
    def corrections(self) -> tuple[Correction, ...]:
        return corrections_in(self.remarks)

    def remark_on(self, finding: Finding) -> Remark:
        return Remark(finding, written_path(path_of(finding.field), self.written))


def form_of(document: Document, namespace: str, dialect: Dialect) -> Form | None:
    """None when the document is no business of Snapgate's. `namespace` is that of documents that name none."""
    content = document.object
    recognised = recognise(content, namespace) if content is not None else None
    if content is None or recognised is None:
        return None
    subject, kind = subject_of(content, namespace), recognised.kind
    if kind is None:
        return Form(subject, None, recognised.remarks, content, content)
    subject = msgspec.structs.replace(subject, kind=kind.name)
    written = _without_status(kind, without_nulls(content))

    def node_at(path: Path) -> Node | None:
        return document.node.at(path) if document.node is not None else None

    spelling = rules_as_documented(kind, written, subject) if dialect is Dialect.PLATFORM else ()
    remarks = (
        *recognised.remarks,
        *spelling,
        *metadata_remarks(written, subject, node_at),
        *_shape(kind, node_at, written, subject),
    )
    meant = _canonical(kind, corrected(written, corrections_in(remarks)))
    return Form(subject, kind, remarks, written, meant)


def _shape(
    kind: Kind[Any], node_at: Callable[[Path], Node | None], written: Mapping[str, Any], subject: Reference
) -> Iterator[Remark]:
    """Of the stored spelling, as the API server looks at it, told in the places of the written one."""
    if kind.definition is None:
        return

    def node_of(path: Path) -> Node | None:
        return node_at(written_path(path, written))

    stored = _canonical(kind, written)
    found = (shape_remarks(kind, stored, subject, node_of), new_names_are_texts(kind, stored, subject, node_of))
    for remark in chain(*found):
        path = written_path(remark.path, written)
        correction = remark.correction
        moved = None if correction is None else replace(correction, path=written_path(correction.path, written))
        yield Remark(remark.finding, path, moved)


def _without_status(kind: Kind[Any], content: dict[str, Any]) -> dict[str, Any]:
    """The API server drops it from what is created (apiextensions, customresource/strategy.go, PrepareForCreate)."""
    if kind.definition is None:
        return content
    return {name: member for name, member in content.items() if name != "status"}


def _canonical(kind: Kind[Any], content: Mapping[str, Any]) -> dict[str, Any]:
    if "spec" not in content:
        return dict(content)
    return {**content, "spec": canonical_spec(kind, content["spec"])}


def corrections_in(remarks: Iterable[Remark]) -> tuple[Correction, ...]:
    return tuple(remark.correction for remark in remarks if remark.correction is not None)


def corrected(content: Any, corrections: Iterable[Correction]) -> Any:
    """Values first and names from the inside out, so that each path still leads somewhere."""
    content = deepcopy(content)
    for each in sorted(corrections, key=lambda each: (each.part is Part.KEY, -len(each.path))):
        each.apply_to(content)
    return content


def without_nulls(value: Any) -> Any:
    """The API server drops members that are null before it looks at an object (structural schema, "nullable"), and
    keeps what is null in a list."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
