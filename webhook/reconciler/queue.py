"""Keys that want a pass. A key waits once, however often it is asked for, and is never in two hands at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

FIRST_RETRY_SECONDS: Final = 0.2
LONGEST_RETRY_SECONDS: Final = 30.0


class Key(NamedTuple):
    kind: str
    namespace: str
    name: str


class WorkQueue:
    """Back-off is per key: one object that keeps failing holds up no other."""

    def __init__(self, *, jitter: Callable[[], float]) -> None:
        """`jitter` gives numbers in [0, 1), so that what failed together is not tried again together."""
        self._jitter = jitter
        self._ready: asyncio.Queue[Key] = asyncio.Queue()
        self._waiting: set[Key] = set()
        self._in_hand: set[Key] = set()
        self._asked_again: set[Key] = set()
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._failures: dict[Key, int] = {}

    def add(self, key: Key) -> None:
        if key in self._in_hand:
            self._asked_again.add(key)
        elif key not in self._waiting:
            self._waiting.add(key)
            self._ready.put_nowait(key)

    def add_after(self, key: Key, seconds: float) -> None:
        """Only the earliest of several delays counts: the pass then says itself when it wants the next."""
        loop = asyncio.get_running_loop()
        present = self._timers.get(key)
        if present is not None:
            if present.when() <= loop.time() + seconds:
                return
            present.cancel()
        self._timers[key] = loop.call_later(seconds, self._fire, key)

    async def take(self) -> Key:
        """The next key, which is then in the caller's hand until done() or failed()."""
        key = await self._ready.get()
        self._waiting.discard(key)
        self._in_hand.add(key)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        return key

    def done(self, key: Key, *, again_after_seconds: float | None) -> None:
        self._failures.pop(key, None)
        self._put_down(key)
        if again_after_seconds is not None:
            self.add_after(key, again_after_seconds)

    def failed(self, key: Key) -> None:
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self._put_down(key)
        delay = min(FIRST_RETRY_SECONDS * 2.0 ** min(failures, 16), LONGEST_RETRY_SECONDS)
        self.add_after(key, delay * (0.5 + self._jitter() / 2))

    @property
    def depth(self) -> int:
        return self._ready.qsize()

    def _put_down(self, key: Key) -> None:
        self._in_hand.discard(key)
        if key in self._asked_again:
            self._asked_again.discard(key)
            self.add(key)

    def _fire(self, key: Key) -> None:
        self._timers.pop(key, None)
        self.add(key)
