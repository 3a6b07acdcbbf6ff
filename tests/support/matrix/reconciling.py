"""The product's reconcilers in this process, each namespace's part of which may die by itself."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from tests.support.background import in_background
from tests.support.faults import ProcessDiedError
from tests.support.matrix.striking import LIFE, Life, StrikingTransport
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.app.watched import FOR_EXECUTION, indexes_over
from webhook.findings.policy import Policy
from webhook.inventory.inventory import Inventory
from webhook.kube.client import Client
from webhook.kube.connect import load_endpoint
from webhook.kube.events import EventRecorder
from webhook.machines.platform import PlatformMachines
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.controller import Controller, Reconcile
from webhook.reconciler.kinds.reconciled import reconcilers
from webhook.reconciler.metrics import ReconcilerMetrics
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.queue import Key, WorkQueue
from webhook.reconciler.settings import ReconcilerSettings
from webhook.reconciler.writes import ApiWrites


class Reconciling:
    def __init__(self, client: Client) -> None:
        self._queue = WorkQueue(jitter=random.random)
        self._lives: defaultdict[str, Life] = defaultdict(Life)
        self._passes: defaultdict[str, int] = defaultdict(int)
        self.objects: defaultdict[tuple[str, str], dict[str, Object]] = defaultdict(dict)
        """By kind and namespace, then by name: all that the cache holds."""
        self._change = asyncio.Event()
        self.inventory = Inventory(
            client, FOR_EXECUTION, indexes_over(FOR_EXECUTION), clock=time.monotonic, random=random.random
        )
        metrics = ReconcilerMetrics(CollectorRegistry())
        looked_after = reconcilers(_cluster(client, self.inventory, metrics))
        self._mortals = {kind: self._mortal(reconcile) for kind, reconcile in looked_after.items()}
        self._controller = Controller(self._mortals, self._queue, self.inventory, metrics, workers=32)
        self.inventory.subscribe(self._controller.changed)
        self.inventory.subscribe(self._remember)

    def life(self, namespace: str) -> Life:
        return self._lives[namespace]

    async def changed(self) -> None:
        """Wait for the next change in the cache."""
        await self._change.wait()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.inventory.run())
            await self.inventory.wait_synced()
            group.create_task(self._controller.run())

    def _mortal(self, reconcile: Reconcile) -> Reconcile:
        async def run(namespace: str, name: str) -> Progress:
            life = self._lives[namespace]
            if life.dead:
                return SETTLED  # everything is looked at again after the next birth
            self._passes[namespace] += 1
            token = LIFE.set(life)
            try:
                return await reconcile(namespace, name)
            except ProcessDiedError:
                return SETTLED
            finally:
                LIFE.reset(token)
                self._passes[namespace] -= 1
                self._be_born_again(namespace)

        return run

    def _be_born_again(self, namespace: str) -> None:
        """When the last pass has died: as a process that lists everything when it starts."""
        life = self._lives[namespace]
        if life.dead and not self._passes[namespace]:
            life.dead = False
            for kind in self._mortals:
                for name in self.objects[kind, namespace]:
                    asyncio.get_running_loop().call_soon(self._queue.add, Key(kind, namespace, name))

    def _remember(self, kind: Kind[Any], old: Object | None, new: Object | None) -> None:
        if old is not None:
            self.objects[kind.name, old.metadata.namespace].pop(old.metadata.name, None)
        self._change.set()
        self._change = asyncio.Event()
        if new is not None:
            self.objects[kind.name, new.metadata.namespace][new.metadata.name] = new


@asynccontextmanager
async def reconciling(kubeconfig: Path) -> AsyncIterator[Reconciling]:
    client = Client(StrikingTransport(await load_endpoint(kubeconfig)))
    try:
        found = Reconciling(client)
        async with in_background(found.run()):
            await found.inventory.wait_synced()
            yield found
    finally:
        await client.close()


def _cluster(client: Client, inventory: Inventory, metrics: ReconcilerMetrics) -> Cluster:
    def now() -> datetime:
        return datetime.now(UTC)

    policy = Policy()
    return Cluster(
        source=inventory,
        writes=ApiWrites(client, inventory),
        machines=PlatformMachines(client),
        events=EventRecorder(client, component="snapgate-reconciler", now=now),
        freezes=metrics,
        restores=metrics,
        clock=now,
        policy=lambda: policy,
        settings=ReconcilerSettings(),
    )
