"""Corrections as changes of text: nothing else of the text is touched."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from webhook.validation.documents import Document
from webhook.validation.node import Node, Span
from webhook.validation.remark import Correction, Part

_QUOTES: Final = ('"', "'")
_PROPERTIES: Final = ("&", "!", "*")
"""An anchor, a tag or an alias: what is written there is meant for more than this place."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Characters from `start` up to before `end` become `text`."""

    start: int
    end: int
    text: str


def edit_for(document: Document, correction: Correction) -> Edit | None:
    """None where the place is unknown, or what is around it would be lost."""
    parent = document.node.at(correction.path[:-1]) if document.node is not None else None
    node = parent.child(correction.path[-1]) if parent is not None else None
    if parent is None or node is None:
        return None
    text = document.text
    match correction.part:
        case Part.KEY:
            member = (parent.members or {}).get(str(correction.path[-1]))
            return None if member is None else _replacing(member.key, text, correction)
        case Part.WRAPPER:
            return _unwrapping(node, text)
        case _:
            return _replacing(node.span, text, correction)


def applied(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _replacing(span: Span, text: str, correction: Correction) -> Edit | None:
    """What was in quotes stays in quotes, unless it is to be no text any more."""
    first = text[span.start : span.start + 1]
    if first in _PROPERTIES:
        return None
    quoted = first in _QUOTES
    written = json.dumps(correction.value) if quoted else correction.text
    return Edit(span.start, span.end, written)


def _unwrapping(node: Node, text: str) -> Edit | None:
    """`{name: x}` becomes `x`, written as it was. Of a block only what stands before `x` goes."""
    (member,) = (node.members or {}).values()
    inner, outer = member.node.span, node.span
    flow = text[outer.start : outer.start + 1] == "{"
    if text[outer.start : outer.start + 1] in _PROPERTIES or text[inner.start : inner.start + 1] in _PROPERTIES:
        return None
    if flow:
        around = text[outer.start : inner.start] + text[inner.end : outer.end]
        return None if "#" in around else Edit(outer.start, outer.end, text[inner.start : inner.end])
    before = text[: outer.start]
    between = before[len(before.rstrip()) :]
    if before.rstrip().endswith(":"):
        return Edit(outer.start - len(between), inner.start, " ")
    return Edit(outer.start, inner.start, "")
