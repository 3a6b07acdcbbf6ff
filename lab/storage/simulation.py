"""Slow and failing storage, on request."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from lab.storage.errors import simulated


class Simulation:
    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._failed: Counter[str] = Counter()

    async def attempt(self, what: str, *, seconds: float, failures: int) -> None:
        """Before each attempt at the same thing. Raises INTERNAL as often as `failures` says."""
        if self._failed[what] < failures:
            self._failed[what] += 1
            raise simulated(f"simulated failure {self._failed[what]} of {failures}: {what}")
        if seconds:
            await self._sleep(seconds)
