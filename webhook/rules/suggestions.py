"""What someone may have meant."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

LONGEST_WORD: Final = 63
MOST: Final = 16
"""Comparing takes quadratic time, and a request may hold thousands of words. Whoever mistypes more than this has
another problem than a typing error."""


class Suggestions:
    """For one request."""

    def __init__(self) -> None:
        self._left = MOST

    def nearest(self, written: str, known: Sequence[str]) -> str | None:
        """The most similar known word, None when none is similar or enough have been looked for."""
        if len(written) > LONGEST_WORD or not self._left:
            return None
        self._left -= 1
        near = get_close_matches(written, known, n=1)
        return near[0] if near else None
