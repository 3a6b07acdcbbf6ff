"""Takes what awaits a pass from the queue and gives it to its reconciler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from lab.machines.hypervisor import HypervisorError
from lab.machines.kinds import MACHINE
from lab.machines.queue import KeyQueue
from webhook.api.decoding import UndecodableError
from webhook.api.reference import Reference
from webhook.kube.errors import ApiError, ConflictError, UnreachableError

WORKERS: Final = 4
RETRY_SECONDS: Final = 2.0
"""After a refused write, or a machine that did not do as it should. A conflict needs no retry: the write that it lost
to is on its way through the watch."""

Reconcile = Callable[[Reference], Awaitable[None]]

log = structlog.get_logger()


class Controller:
    def __init__(self, reconcilers: Mapping[str, Reconcile], queue: KeyQueue[Reference]) -> None:
        """Reconcilers by the name of their kind."""
        self._reconcilers = reconcilers
        self._queue = queue

    async def run(self) -> None:
        """Call it when the world is complete: what is not there yet would be taken for lost."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(WORKERS):
                workers.create_task(self._work())

    async def _work(self) -> None:
        while True:
            key = await self._queue.take()
            try:
                await self._reconcilers[key.kind](key)
            except ConflictError:
                log.debug("lost against another write", subject=str(key), namespace=key.namespace)
            except (ApiError, UnreachableError, UndecodableError, HypervisorError) as error:
                log.warning("pass failed", subject=str(key), namespace=key.namespace, error=str(error))
                self._queue.add_after(key, RETRY_SECONDS)
            finally:
                self._queue.done(key)


def enqueue_machine(queue: KeyQueue[Reference], namespace: str, name: str) -> None:
    queue.add(Reference(MACHINE.name, namespace, name))
