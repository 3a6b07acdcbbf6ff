"""Turns changes in the cluster into passes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.facts.source import Source, UnreadableError
from webhook.kube.errors import ApiError, ConflictError, UnreachableError
from webhook.reconciler.metrics import ReconcilerMetrics
from webhook.reconciler.progress import Progress
from webhook.reconciler.queue import Key, WorkQueue
from webhook.reconciler.triggers import keys_for
from webhook.reconciler.writes import NotVisibleError

Reconcile = Callable[[str, str], Awaitable[Progress]]

_log = structlog.get_logger(__name__)


class Controller:
    def __init__(
        self,
        reconcilers: Mapping[str, Reconcile],
        queue: WorkQueue,
        source: Source,
        metrics: ReconcilerMetrics,
        *,
        workers: int,
    ) -> None:
        """`reconcilers` are by the name of the kind."""
        self._reconcilers = reconcilers
        self._queue = queue
        self._source = source
        self._metrics = metrics
        self._workers = workers
        self._may_begin = asyncio.Event()
        self._may_begin.set()
        self._under_way: set[Key] = set()
        self._nothing_under_way = asyncio.Event()
        self._nothing_under_way.set()
        for kind in self._reconcilers:
            metrics.expect(kind)

    def changed(self, kind: Kind[Any], old: Object | None, new: Object | None) -> None:
        """An Inventory listener. Both sides count: what a change lets go of may be what someone waits for."""
        for side in (old, new):
            if side is None:
                continue
            try:
                keys = set(keys_for(kind, side, self._source))
            except UnreadableError as error:
                _log.error("change not followed", kind=kind.name, error=str(error))
                continue
            for key in keys:
                if key.kind in self._reconcilers:
                    self._queue.add(key)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._work())

    async def finish(self) -> None:
        """Begin no more passes, and wait until those under way have ended."""
        self._may_begin.clear()
        await self._nothing_under_way.wait()

    def not_ready_reason(self) -> str | None:
        return None if self._may_begin.is_set() else "finishing what was begun"

    async def _work(self) -> None:
        while True:
            key = await self._queue.take()
            await self._may_begin.wait()
            self._under_way.add(key)
            self._nothing_under_way.clear()
            try:
                await self._pass(key)
            finally:
                self._under_way.discard(key)
                if not self._under_way:
                    self._nothing_under_way.set()

    async def _pass(self, key: Key) -> None:
        log = _log.bind(kind=key.kind, namespace=key.namespace, name=key.name)
        try:
            progress = await self._reconcilers[key.kind](key.namespace, key.name)
        except asyncio.CancelledError:
            self._queue.done(key, again_after_seconds=0.0)  # for our next term as leader
            raise
        except ConflictError:
            self._metrics.passed(key.kind, "conflict")
            self._queue.failed(key)
        except (ApiError, UnreachableError, NotVisibleError, UnreadableError) as error:
            log.warning("pass failed, will be repeated", error=str(error))
            self._metrics.passed(key.kind, "error")
            self._queue.failed(key)
        except Exception:
            log.exception("pass failed by a defect, will be repeated")
            self._metrics.passed(key.kind, "error")
            self._queue.failed(key)
        else:
            self._metrics.passed(key.kind, "ok")
            self._queue.done(key, again_after_seconds=progress.again_after_seconds)
