"""For what can only be looked at again and again, because nothing announces it."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(true: Callable[[], bool], complaint: str | Callable[[], str], *, seconds: float, every: float = 1.0) -> None:
    """Raises AssertionError with the complaint when that is over and it is not true yet. `every` is in seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, complaint if isinstance(complaint, str) else complaint()
        time.sleep(every)
