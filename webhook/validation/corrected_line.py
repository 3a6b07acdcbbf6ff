"""The line as it should read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from webhook.validation.documents import Document
from webhook.validation.edits import edit_for
from webhook.validation.remark import Remark

LONGEST: Final = 200
_AROUND: Final = 60
"""Of a longer line. JSON on one line is repeated for each mistake in it otherwise."""
_ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True)
class CorrectedLine:
    number: int
    text: str


def corrected_line(document: Document, remark: Remark) -> CorrectedLine | None:
    """None when there is no one right answer, or it takes more than this line."""
    if remark.correction is None:
        return None
    edit = edit_for(document, remark.correction)
    if edit is None:
        return None
    text = document.text
    start = text.rfind("\n", 0, edit.start) + 1
    end = text.find("\n", edit.end)
    before, after = text[start : edit.start], text[edit.end : end if end >= 0 else len(text)].rstrip("\r")
    if len(before) + len(edit.text) + len(after) > LONGEST:
        before = before if len(before) <= _AROUND else _ELLIPSIS + before[-_AROUND:]
        after = after if len(after) <= _AROUND else after[:_AROUND] + _ELLIPSIS
    return CorrectedLine(text.count("\n", 0, start) + 1, f"{before}{edit.text}{after}")
