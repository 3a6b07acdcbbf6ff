from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from prometheus_client import CollectorRegistry

from tests.support.world import World
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.kube.errors import ConflictError, UnreachableError
from webhook.reconciler.controller import Controller
from webhook.reconciler.metrics import ReconcilerMetrics
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.queue import Key, WorkQueue

KEY = Key("VirtualDiskSnapshot", "default", "snap")


class Running:
    """A controller whose passes do what a test says, until the test has seen enough."""

    def __init__(self, world: World, reconcile: Callable[[str, str], Awaitable[Progress]]) -> None:
        self.registry = CollectorRegistry()
        self.queue = WorkQueue(jitter=lambda: 0.0)
        self.controller = Controller(
            {VIRTUAL_DISK_SNAPSHOT.name: reconcile}, self.queue, world, ReconcilerMetrics(self.registry), workers=2
        )

    async def until(self, seen: asyncio.Event) -> None:
        running = asyncio.create_task(self.controller.run())
        async with asyncio.timeout(30):
            await seen.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def passes(self, result: str) -> float:
        labels = {"kind": KEY.kind, "result": result}
        return self.registry.get_sample_value("snapgate_reconcile_passes_total", labels) or 0.0


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (ConflictError(409, "Conflict", "modified"), "conflict"),
        (UnreachableError("reset"), "error"),
        (KeyError("defect"), "error"),
    ],
)
async def test_pass_that_fails_is_repeated(world: World, error: Exception, result: str) -> None:
    tries, seen = [error], asyncio.Event()

    async def reconcile(namespace: str, name: str) -> Progress:
        if tries:
            raise tries.pop()
        seen.set()
        return SETTLED

    running = Running(world, reconcile)
    running.queue.add(KEY)
    await running.until(seen)
    assert running.passes(result) == 1


async def test_one_key_is_never_in_two_passes(world: World) -> None:
    present, most, left, seen = 0, 0, 50, asyncio.Event()

    async def reconcile(namespace: str, name: str) -> Progress:
        nonlocal present, most, left
        present, left = present + 1, left - 1
        most = max(most, present)
        running.queue.add(KEY)
        await asyncio.sleep(0)
        present -= 1
        if left == 0:
            seen.set()
        return SETTLED

    running = Running(world, reconcile)
    running.queue.add(KEY)
    await running.until(seen)
    assert most == 1


async def test_change_of_what_nobody_here_reconciles_is_left_alone(world: World) -> None:
    world.machine_snapshot("ms", of="vm").disk_snapshot("ds", of="root")
    uid = world.manifest(VIRTUAL_DISK_SNAPSHOT, "ds")["metadata"]["uid"]
    owner = {"apiVersion": "v", "kind": "VirtualMachineSnapshot", "name": "ms", "uid": uid}
    world.change(VIRTUAL_DISK_SNAPSHOT, "ds", metadata={"ownerReferences": [owner]})
    running = Running(world, lambda *_: asyncio.sleep(0, SETTLED))
    running.controller.changed(VIRTUAL_DISK_SNAPSHOT, None, world.get(VIRTUAL_DISK_SNAPSHOT, "default", "ds"))
    assert running.queue.depth == 1


async def test_a_pass_cut_short_by_the_end_of_a_term_is_made_in_the_next(world: World) -> None:
    begun, finished = asyncio.Event(), asyncio.Event()

    async def reconcile(_namespace: str, _name: str) -> Progress:
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()
        finished.set()
        return SETTLED

    running = Running(world, reconcile)
    running.queue.add(KEY)
    await running.until(begun)
    await running.until(finished)
    assert running.passes("ok") == 1


async def test_process_that_leaves_finishes_what_was_begun_and_begins_nothing_more(world: World) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()
    passes: list[str] = []

    async def reconcile(_namespace: str, name: str) -> Progress:
        passes.append(name)
        begun.set()
        await may_end.wait()
        return SETTLED

    running = Running(world, reconcile)
    working = asyncio.create_task(running.controller.run())
    running.queue.add(KEY)
    await begun.wait()
    assert running.controller.not_ready_reason() is None
    finishing = asyncio.create_task(running.controller.finish())
    await asyncio.sleep(0)
    running.queue.add(KEY._replace(name="later"))
    assert running.controller.not_ready_reason() == "finishing what was begun"
    await asyncio.sleep(0.01)
    assert not finishing.done()
    may_end.set()
    await asyncio.wait_for(finishing, 30)
    assert (passes, running.passes("ok")) == (["snap"], 1)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_process_with_nothing_under_way_is_finished_at_once(world: World) -> None:
    running = Running(world, lambda *_: asyncio.sleep(0, SETTLED))
    await asyncio.wait_for(running.controller.finish(), 30)


def test_passes_are_counted_from_zero(world: World) -> None:
    running = Running(world, lambda *_: asyncio.sleep(0, SETTLED))
    labels = {"kind": KEY.kind, "result": "conflict"}
    assert running.registry.get_sample_value("snapgate_reconcile_passes_total", labels) == 0.0
