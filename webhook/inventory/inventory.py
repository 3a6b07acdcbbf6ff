"""The watch cache: what decisions and the reconciler know of the cluster."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.facts.source import Index
from webhook.inventory.cache import Cache
from webhook.inventory.metrics import InventoryMetrics
from webhook.inventory.watched import Watched
from webhook.kube.client import Client
from webhook.kube.reflector import STANDARD_SETTINGS, WatchSettings

T = TypeVar("T", bound=Object)

Listener = Callable[[Kind[Any], Any, Any], None]

BROKEN_AFTER_SECONDS: Final = 90.0
"""A rolling restart of the API servers fits in; beyond it, another replica may see more than we do."""


class Inventory:
    """A Source that follows the cluster.

    `clock` is monotonic, `random` gives numbers in [0, 1). Ask nothing before `synced`: an empty cache is not an empty
    cluster.
    """

    def __init__(  # noqa: PLR0913 - independent collaborators, named at every call
        self,
        client: Client,
        kinds: Sequence[Watched[Any]],
        indexes: Sequence[Index[Any]],
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        metrics: InventoryMetrics | None = None,
        settings: WatchSettings = STANDARD_SETTINGS,
        broken_after_seconds: float = BROKEN_AFTER_SECONDS,
    ) -> None:
        self._clock = clock
        self._broken_after_seconds = broken_after_seconds
        self._listeners: list[Listener] = []
        self._caches: dict[type[Object], Cache[Any]] = {
            watched.kind.type: Cache(
                client,
                watched,
                [index for index in indexes if index.kind.type is watched.kind.type],
                clock=clock,
                random=random,
                settings=settings,
                metrics=metrics,
                changed=partial(self._tell, watched.kind),
            )
            for watched in kinds
        }

    def knows(self, kind: Kind[Any]) -> bool:
        return self._caches[kind.type].reflector.served

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """Raises UnreadableError."""
        found: T | None = self._caches[kind.type].store.get(namespace, name)
        return found

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        return self._caches[index.kind.type].store.find(index, value)

    def subscribe(self, listener: Listener) -> None:
        """Called with the kind, the object before and after (None: not there), once the change is in the cache.

        Objects of the first list count as changes. An object that no longer decodes comes with None after: asking for
        it raises UnreadableError. Listeners must not raise.
        """
        self._listeners.append(listener)

    async def visible(
        self, kind: Kind[Any], namespace: str, name: str, resource_version: str | None, *, deadline_seconds: float
    ) -> bool:
        """Wait until the cache holds the object as we wrote it, or a later state. False when the deadline passes.

        Without a resourceVersion: until it is gone or being deleted.
        """
        cache = self._caches[kind.type]
        key = (namespace, name)
        seen = (
            partial(cache.is_going, key)
            if resource_version is None
            else partial(cache.has_reached, key, resource_version)
        )
        try:
            async with asyncio.timeout(deadline_seconds):
                await cache.wait_for(key, seen)
        except TimeoutError:
            return False
        return True

    @property
    def synced(self) -> bool:
        """Whether every kind was listed once."""
        return all(cache.reflector.synced.is_set() for cache in self._caches.values())

    async def wait_synced(self) -> None:
        for cache in self._caches.values():
            await cache.reflector.synced.wait()

    def age_seconds(self) -> float:
        """How old the facts may be: the longest silence of a watch. A quiet one is heard once a minute."""
        return max((cache.reflector.last_event_age() for cache in self._caches.values()), default=0.0)

    def broken(self) -> tuple[str, ...]:
        """For readiness: each kind whose watch has not come back for too long, with the reason."""
        failing = ((cache.kind, cache.reflector) for cache in self._caches.values())
        return tuple(
            f"{kind.resource} cannot be watched: {reflector.last_error}"
            for kind, reflector in failing
            if reflector.failing_since is not None
            and self._clock() - reflector.failing_since > self._broken_after_seconds
        )

    @property
    def healthy(self) -> bool:
        return self.synced and not self.broken()

    async def run(self) -> None:
        """Until cancelled. A failure of our own ends it: a cache that stands still must not look alive."""
        async with asyncio.TaskGroup() as watches:
            for cache in self._caches.values():
                watches.create_task(cache.reflector.run(), name=f"watch {cache.kind.resource}")
            await self.wait_synced()
            # What was just read stays for good. Out of the collector's sight, it costs no pause later.
            gc.collect()
            gc.freeze()

    def _tell(self, kind: Kind[Any], old: Object | None, new: Object | None) -> None:
        for listener in self._listeners:
            listener(kind, old, new)
