"""A pause that may end early."""

from __future__ import annotations

import asyncio
from typing import Final

SHORTEST_SECONDS: Final = 1.0
"""Whoever is woken may change what woke it, and someone else may change it back each time."""


class Alarm:
    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def pause(self, seconds: float) -> None:
        """For so long, or until rung, if that was before too; never shorter than SHORTEST_SECONDS."""
        shortest = min(SHORTEST_SECONDS, seconds)
        await asyncio.sleep(shortest)
        try:
            async with asyncio.timeout(seconds - shortest):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()
