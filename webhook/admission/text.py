"""Texts that may hold whatever a user wrote, made fit to be printed."""

from __future__ import annotations

import unicodedata

_ELLIPSIS = "…"


def printable(text: str) -> str:
    """Without control characters: the API server drops a warning that has one (apimachinery, NewWarningHeader)."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in text)


def clipped(message: str, ending: str, limit: int) -> str:
    """Both in at most `limit` characters: the ending has the code, so it is the message that is cut."""
    room = limit - len(ending)
    return (message if len(message) <= room else message[: room - 1] + _ELLIPSIS) + ending
