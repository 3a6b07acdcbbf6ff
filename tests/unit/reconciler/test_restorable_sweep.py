from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.world import World
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.reconciler.queue import Key
from webhook.reconciler.restorable_sweep import GATHER_SECONDS, PASSES_PER_SECOND, RestorableSweep


class Watching:
    """A sweep over a world, and what it asks for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.asked: dict[Key, float] = {}
        self._sweep = RestorableSweep(
            world, again_after=self.asked.__setitem__, later=lambda seconds, call: self.due.append((seconds, call))
        )

    def comes(self, kind: Kind[Any], name: str) -> None:
        self._sweep.changed(kind, None, self.object(kind, name))

    def goes(self, kind: Kind[Any], name: str) -> None:
        self._sweep.changed(kind, self.object(kind, name), None)

    def stays(self, kind: Kind[Any], name: str) -> None:
        self._sweep.changed(kind, self.object(kind, name), self.object(kind, name))

    def sweep(self) -> set[str]:
        for _, call in self.due:
            call()
        return {f"{key.namespace}/{key.name}" for key in self.asked}

    def object(self, kind: Kind[Any], name: str) -> Any:
        return self.world.get(kind, self.world.namespace if kind.namespaced else "", name)


@pytest.fixture
def watching(world: World) -> Watching:
    """Two namespaces with a machine, an image and a ready snapshot each; in the second, one that is under way too."""
    world.cluster_image("cluster-iso")
    for namespace in ("elsewhere", "default"):
        world.elsewhere(namespace).machine("vm", disks=["root"]).disk("root").image("iso")
        world.machine_snapshot("ready", of="vm", phase="Ready").machine_snapshot("other", of="vm2", phase="Ready")
    world.machine_snapshot("unfinished", of="vm3", phase="InProgress")
    return Watching(world)


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (VIRTUAL_IMAGE, "iso", {"default/ready", "default/other"}),
        (VIRTUAL_MACHINE, "vm", {"default/ready"}),
        (
            CLUSTER_VIRTUAL_IMAGE,
            "cluster-iso",
            {"default/ready", "default/other", "elsewhere/ready", "elsewhere/other"},
        ),
        (VIRTUAL_DISK, "root", set()),
    ],
)
def test_what_comes_or_goes_concerns_the_ready_snapshots_that_could_need_it(
    watching: Watching, kind: Kind[Any], name: str, expected: set[str]
) -> None:
    watching.goes(kind, name)
    assert watching.sweep() == expected
    watching.asked.clear()
    watching.comes(kind, name)
    assert watching.sweep() == expected


def test_a_change_of_what_stays_concerns_nobody(watching: Watching) -> None:
    watching.stays(VIRTUAL_IMAGE, "iso")
    assert watching.due == []


def test_what_changes_together_is_looked_after_once(watching: Watching) -> None:
    watching.goes(VIRTUAL_IMAGE, "iso")
    watching.goes(VIRTUAL_MACHINE, "vm")
    assert [seconds for seconds, _ in watching.due] == [GATHER_SECONDS]
    watching.sweep()
    watching.due.clear()
    watching.comes(VIRTUAL_IMAGE, "iso")
    assert len(watching.due) == 1


def test_a_deletion_that_begins_counts(watching: Watching) -> None:
    before = watching.object(VIRTUAL_MACHINE, "vm")
    watching.world.change(VIRTUAL_MACHINE, "vm", metadata={"deletionTimestamp": "2026-01-02T03:04:05Z"})
    watching._sweep.changed(VIRTUAL_MACHINE, before, watching.object(VIRTUAL_MACHINE, "vm"))
    assert watching.sweep() == {"default/ready"}


def test_many_are_spread_over_time(watching: Watching) -> None:
    count = 500
    for number in range(count):
        watching.world.machine_snapshot(f"snap-{number}", of="vm9", phase="Ready")
    watching.goes(CLUSTER_VIRTUAL_IMAGE, "cluster-iso")
    watching.sweep()
    delays = sorted(watching.asked.values())
    assert len(delays) >= count
    assert delays[-1] <= len(delays) / PASSES_PER_SECOND
    seconds = [sum(second <= delay < second + 1 for delay in delays) for second in range(int(delays[-1]) + 1)]
    assert max(seconds) < 2 * PASSES_PER_SECOND


def test_the_index_follows_the_snapshot(watching: Watching) -> None:
    watching.world.change(VIRTUAL_MACHINE_SNAPSHOT, "ready", status={"phase": "Failed"})
    watching.goes(VIRTUAL_IMAGE, "iso")
    assert watching.sweep() == {"default/other"}
