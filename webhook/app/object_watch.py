"""Notices when one object changes, with no right but to watch that one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from webhook.api.decoding import UndecodableError
from webhook.api.kind import Kind
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, UnreachableError
from webhook.kube.listing import Selection
from webhook.kube.reflector import STANDARD_SETTINGS, WatchSettings
from webhook.kube.watching import EventType

_log = structlog.get_logger()


class ObjectWatch:
    """Tells of every change of one cluster-scoped object, and that it may have changed while nobody looked.

    A watch without a resourceVersion begins with the object as it is, so nothing need be listed (Kubernetes API
    Concepts, "Semantics for watch"); RBAC takes the name from the field selector. `random` gives numbers in [0, 1).
    """

    def __init__(
        self,
        client: Client,
        kind: Kind[Any],
        name: str,
        changed: Callable[[], None],
        *,
        random: Callable[[], float],
        settings: WatchSettings = STANDARD_SETTINGS,
    ) -> None:
        self._client = client
        self._selection = Selection(kind, field_selector=f"metadata.name={name}")
        self._subject = f"{kind.name} {name}"
        self._changed = changed
        self._random = random
        self._settings = settings
        self._last_error = ""

    async def run(self) -> None:
        """Until cancelled. What the API server or the network does never ends it."""
        settings = self._settings
        backoff = settings.backoff(self._random)
        while True:
            began = asyncio.get_running_loop().time()
            asked_to_wait = 0.0
            try:
                await self._follow()
                self._last_error = ""
            except (ApiError, UnreachableError, UndecodableError) as error:
                asked_to_wait = getattr(error, "retry_after", None) or 0.0
                self._note(str(error))
            if asyncio.get_running_loop().time() - began >= settings.steady_seconds:
                backoff.reset()
            await asyncio.sleep(backoff.next(asked_to_wait))

    async def _follow(self) -> None:
        async with self._client.watch(
            self._selection,
            "",
            server_timeout_seconds=self._settings.server_timeout(self._random),
            silence_seconds=self._settings.silence_seconds,
        ) as events:
            async for event in events:
                if event.type != EventType.BOOKMARK:
                    self._changed()

    def _note(self, error: str) -> None:
        """When it is news. Nobody depends on this watch: what it misses is looked at each minute."""
        if error != self._last_error:
            _log.warning("watch interrupted", subject=self._subject, error=error)
        self._last_error = error
