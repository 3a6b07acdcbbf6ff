"""The line as it should read."""

from __future__ import annotations

from dataclasses import dataclass

from webhook.validation.documents import Document
from webhook.validation.edits import applied, edit_for
from webhook.validation.remark import Remark


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
    start = document.text.rfind("\n", 0, edit.start) + 1
    corrected = applied(document.text, [edit])
    end = corrected.find("\n", edit.start + len(edit.text))
    line = corrected[start : end if end >= 0 else len(corrected)]
    return CorrectedLine(document.text.count("\n", 0, start) + 1, line.rstrip("\r"))
