"""A limit on how often something is done, in which everybody who has to wait gets a turn."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta


class Pace:
    """`burst` at once, then `per_second`.

    Whoever asks too early is given a turn and comes back then: were they only told to try later, a thousand who wait
    would all ask again for each one that goes on.
    """

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._interval = timedelta(seconds=1 / per_second)
        self._saved_up = self._interval * (burst - 1)
        self._next: datetime | None = None
        self._turns: dict[Hashable, datetime] = {}

    def wait_seconds(self, key: Hashable, now: datetime) -> float:
        """0.0 when it is this one's turn, which is then over; else for how long to wait before asking again."""
        turn = self._turns.pop(key, None) or self._give(now)
        if turn <= now:
            return 0.0
        self._turns[key] = turn
        return (turn - now).total_seconds()

    def give_up(self, key: Hashable) -> None:
        """There is nothing to do any more."""
        self._turns.pop(key, None)

    def _give(self, now: datetime) -> datetime:
        earliest = now - self._saved_up
        if self._next is None or self._next <= earliest:
            self._turns.clear()  # all of these are long past: of objects that are gone
            self._next = earliest
        turn = self._next
        self._next += self._interval
        return turn
