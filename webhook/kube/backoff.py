"""How long to wait before the next try."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """Doubles from the first delay to the longest, with jitter, so that what fails together does not return together.

    `random` gives a number in [0, 1). Client-go's reflector waits likewise (0.8 s to 30 s, factor 2, jitter 1).
    """

    def __init__(self, *, first_seconds: float, longest_seconds: float, random: Callable[[], float]) -> None:
        self._first = first_seconds
        self._longest = longest_seconds
        self._random = random
        self._tries = 0

    def next(self, at_least_seconds: float = 0.0) -> float:
        """Also honours what the server asked for, plus jitter."""
        base = min(self._first * 2.0**self._tries, self._longest / 2)
        if base < self._longest / 2:
            self._tries += 1
        jitter = self._random()
        return max(base * (1 + jitter), at_least_seconds + self._first * jitter)

    def reset(self) -> None:
        self._tries = 0
