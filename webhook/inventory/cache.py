"""One kind of the inventory: its store, its watch, and who waits for it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import structlog

from webhook.api.meta import Object
from webhook.facts.source import Index
from webhook.inventory.metrics import InventoryMetrics
from webhook.inventory.projections import projection_of
from webhook.inventory.store import Store
from webhook.inventory.watched import Watched
from webhook.kube.client import Client
from webhook.kube.reflector import Reflector, WatchSettings
from webhook.kube.undecodable import Key, Undecodable, resource_version_of

T = TypeVar("T", bound=Object)

_log = structlog.get_logger(__name__)


class Cache(Generic[T]):
    def __init__(  # noqa: PLR0913 - wiring, named at its only call
        self,
        client: Client,
        watched: Watched[T],
        indexes: Sequence[Index[T]],
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        settings: WatchSettings,
        metrics: InventoryMetrics | None,
        changed: Callable[[T | None, T | None], None],
    ) -> None:
        self.kind = watched.kind
        self.store = Store(watched.kind, indexes, changed=self._store_changed)
        self.reflector = Reflector(
            client,
            watched.kind,
            self.store,
            field_selector=watched.field_selector,
            project=projection_of(watched.kind),
            optional=watched.optional,
            in_pages=watched.in_pages,
            clock=clock,
            random=random,
            settings=settings,
            observer=self,
        )
        self._changed = changed
        self._metrics = metrics
        self._position = 0
        self._waiting: defaultdict[Key, set[asyncio.Event]] = defaultdict(set)
        if metrics is not None:
            metrics.expose(
                self.kind.name,
                objects=lambda: len(self.store),
                undecodable=lambda: self.store.undecodable,
                synced=self.reflector.synced.is_set,
                served=lambda: self.reflector.served,
                age_seconds=self.reflector.last_event_age,
            )

    def reached(self, resource_version: str) -> None:
        self._position = int(resource_version)
        for key in list(self._waiting):
            self._wake(key)

    def restarted(self, reason: str) -> None:
        if self._metrics is not None:
            self._metrics.restarted(self.kind.name, reason)

    async def wait_for(self, key: Key, seen: Callable[[], bool]) -> None:
        """Until `seen`, which is asked again whenever this object has changed or the watch has come further."""
        woken = asyncio.Event()
        self._waiting[key].add(woken)
        try:
            while not seen():
                await woken.wait()
                woken.clear()
        finally:
            self._waiting[key].discard(woken)
            if not self._waiting[key]:
                del self._waiting[key]

    def has_reached(self, key: Key, resource_version: str) -> bool:
        """The watch may have passed that state and seen the object go since.

        resourceVersions of one resource compare as integers (KEP-5504).
        """
        wanted = int(resource_version)
        stored = self.store.peek(key)
        return self._position >= wanted or (stored is not None and int(resource_version_of(stored)) >= wanted)

    def is_going(self, key: Key) -> bool:
        """Gone, or on its way."""
        stored = self.store.peek(key)
        if isinstance(stored, Undecodable):
            return False
        return stored is None or stored.metadata.deleting

    def _store_changed(self, key: Key, old: T | Undecodable | None, new: T | Undecodable | None) -> None:
        self._wake(key)
        if isinstance(new, Undecodable) and not isinstance(old, Undecodable):
            namespace, name = key
            _log.warning(
                "object cannot be read", kind=self.kind.name, namespace=namespace, name=name, reason=new.reason
            )
        known = (_decoded(old), _decoded(new))
        if known != (None, None):
            self._changed(*known)

    def _wake(self, key: Key) -> None:
        for waiting in self._waiting.get(key, ()):
            waiting.set()


def _decoded(read: Any) -> Any:
    return None if isinstance(read, Undecodable) else read
