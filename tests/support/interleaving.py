"""Passes that overlap, watches that lag, a process that dies: in whatever order a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from tests.support.cluster import SimulatedCluster
from webhook.reconciler.queue import Key

TURNS: Final = 12
"""Of the event loop, until every pass stands at a call of the outside."""


class Interleaving:
    """Drives a cluster one small event at a time."""

    def __init__(self, cluster: SimulatedCluster) -> None:
        self.cluster = cluster
        self._waiting: list[asyncio.Future[None]] = []
        self._passes: dict[Key, asyncio.Task[None]] = {}
        self._open = cluster.faults.gate
        cluster.store.lagging = True
        cluster.faults.gate = self._gate

    async def choose(self, number: int) -> None:
        """Do one of the things that can happen now; which one is the number's to say."""
        possible: list[Callable[[], object]] = [
            *(partial(self._let_through, at) for at in range(len(self._waiting))),
            *(partial(self._start, key) for key in sorted(self.cluster.queue - self._passes.keys())),
            *(partial(self.cluster.store.deliver, each) for each in self.cluster.store.behind),
            self.cluster.storage.step,
            self.cluster.provisioner.step,
            self.cluster.store.collect_garbage,
            partial(self.cluster.advance, 2),
        ]
        possible[number % len(possible)]()
        await self._turns()

    async def die(self) -> None:
        self.cluster.faults.dead = True
        await self._finish_passes()
        self.cluster.boot()
        self.cluster.faults.gate = self._gate

    async def end(self) -> None:
        """Let everything finish in peace."""
        await self._finish_passes()
        self.cluster.store.lagging = False
        self.cluster.faults.gate = self._open
        self.cluster.store.deliver_all()
        await self.cluster.settle()

    def _start(self, key: Key) -> None:
        task = asyncio.get_running_loop().create_task(self.cluster.run_pass(key))
        self._passes[key] = task
        task.add_done_callback(lambda _: self._passes.pop(key))

    async def _finish_passes(self) -> None:
        while self._passes:
            while self._waiting:
                self._let_through(0)
            await self._turns()

    def _let_through(self, at: int) -> None:
        self._waiting.pop(at).set_result(None)

    async def _gate(self) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    async def _turns(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)
