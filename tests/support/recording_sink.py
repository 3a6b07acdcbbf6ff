"""A sink that remembers what a reflector delivered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from webhook.api.meta import Object
from webhook.kube.undecodable import Key, Undecodable, resource_version_of

DEADLINE_SECONDS = 60.0


class RecordingSink:
    """`objects` maps names to resourceVersions, with `!` before those of objects that did not decode."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self.replaced = 0
        self.positions: list[str] = []
        self.restarts: list[str] = []
        self._changed = asyncio.Event()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    def replace(self, objects: Sequence[tuple[Key, Object | Undecodable]]) -> None:
        self.objects = {key[1]: _version(read) for key, read in objects}
        self.replaced += 1
        self._changed.set()

    def upsert(self, key: Key, read: Object | Undecodable) -> None:
        self.objects[key[1]] = _version(read)
        self._changed.set()

    def remove(self, key: Key) -> None:
        del self.objects[key[1]]
        self._changed.set()

    def reached(self, resource_version: str) -> None:
        self.positions.append(resource_version)
        self._changed.set()

    def restarted(self, reason: str) -> None:
        self.restarts.append(reason)
        self._changed.set()


def _version(read: Object | Undecodable) -> str:
    return ("!" if isinstance(read, Undecodable) else "") + resource_version_of(read)
