"""What someone may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_IGNORED: Final = re.compile(r"[-_ .]")
_LONGEST: Final = 100
"""Comparing takes quadratic time, and no name of ours is nearly as long."""
_NEAR: Final = 0.8


def same_word(written: str, known: Iterable[str]) -> str | None:
    """The only known word that differs in nothing but case and hyphens."""
    if len(written) > _LONGEST:
        return None
    same = [each for each in known if _bare(each) == _bare(written)]
    return same[0] if len(same) == 1 else None


def nearest(written: str, known: Iterable[str], *, cutoff: float = _NEAR) -> str | None:
    """The most similar known word; None when none is similar enough to be worth telling."""
    if len(written) > _LONGEST:
        return None
    by_word = {_bare(each): each for each in known}
    matches = get_close_matches(_bare(written), by_word, n=1, cutoff=cutoff)
    return by_word[matches[0]] if matches else None


def _bare(word: str) -> str:
    return _IGNORED.sub("", word).casefold()
