"""A text rewritten where there is one right answer."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, Final

from webhook.validation.dialect import Dialect
from webhook.validation.documents import BYTE_ORDER_MARK, Document, Unreadable, read_documents
from webhook.validation.edits import Edit, applied, edit_for
from webhook.validation.form import corrected, form_of
from webhook.validation.limits import OF_FILES

_PASSES: Final = 5
"""A kind that is put right may show what is wrong with its members; nothing is hidden more than twice."""


def fixed(text: str, namespace: str, dialect: Dialect = Dialect.SNAPGATE) -> str:
    """The text with everything corrected that has one right answer, and nothing else changed.

    Correcting what comes of it changes nothing. A document that would not be read as intended stays as it is.
    """
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    text = text.removeprefix(BYTE_ORDER_MARK)
    for _ in range(_PASSES):
        better = _pass(text, namespace, dialect)
        if better == text:
            break
        text = better
    return mark + text


def difference(before: str, after: str, name: str) -> str:
    """As `diff -u` prints it; empty when nothing has changed."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (fixed)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _pass(text: str, namespace: str, dialect: Dialect) -> str:
    possible = ((position, _fix(each, namespace, dialect)) for position, each in enumerate(_read(text)))
    wanted = {position: fix for position, fix in possible if fix is not None}
    while wanted:
        better = applied(text, {edit for fix in wanted.values() for edit in fix.edits})
        read = dict(enumerate(_read(better)))
        misread = [position for position, fix in wanted.items() if not fix.came_true(read.get(position))]
        if not misread:
            return better
        for position in misread:
            del wanted[position]
    return text


@dataclass(frozen=True, slots=True)
class _Fix:
    edits: tuple[Edit, ...]
    content: Any
    """What is to be read afterwards."""

    def came_true(self, read: Document | Unreadable | None) -> bool:
        return isinstance(read, Document) and read.content == self.content


def _fix(document: Document | Unreadable, namespace: str, dialect: Dialect) -> _Fix | None:
    form = form_of(document, namespace, dialect) if isinstance(document, Document) else None
    if form is None or not isinstance(document, Document):
        return None
    possible = {each: edit for each in form.corrections if (edit := edit_for(document, each)) is not None}
    return _Fix(tuple(possible.values()), corrected(document.content, possible)) if possible else None


def _read(text: str) -> list[Document | Unreadable]:
    return list(read_documents(text, "", OF_FILES))
