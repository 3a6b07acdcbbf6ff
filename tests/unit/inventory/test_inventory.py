from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from tests.support.background import in_background
from tests.support.disks import broken_disk, disk
from tests.support.fake_api_server import FakeApiServer, Stream, bookmark, event, page, refusal
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.vocabulary import LAST_APPLIED_CONFIGURATION
from webhook.facts.source import Index, UnreadableError
from webhook.inventory.inventory import Inventory
from webhook.inventory.metrics import InventoryMetrics
from webhook.inventory.watched import Watched
from webhook.kube.client import Client
from webhook.kube.reflector import WatchSettings

QUICK = WatchSettings(first_delay_seconds=0.001, longest_delay_seconds=0.01)
DEADLINE_SECONDS = 60.0


def _uid(found: VirtualDisk) -> Iterable[str]:
    return (found.metadata.uid,)


BY_UID = Index("by-uid", VIRTUAL_DISK, _uid)


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def inventory(client: Client, time: Time, registry: CollectorRegistry) -> Inventory:
    return Inventory(
        client,
        [Watched(VIRTUAL_DISK)],
        [BY_UID],
        clock=time,
        random=lambda: 0.0,
        metrics=InventoryMetrics(registry),
        settings=QUICK,
        broken_after_seconds=60.0,
    )


@asynccontextmanager
async def running(inventory: Inventory) -> AsyncIterator[None]:
    async with in_background(inventory.run()):
        async with asyncio.timeout(DEADLINE_SECONDS):
            await inventory.wait_synced()
        yield


async def seen(inventory: Inventory, name: str, version: str | None) -> bool:
    return await inventory.visible(VIRTUAL_DISK, "default", name, version, deadline_seconds=DEADLINE_SECONDS)


async def test_what_was_listed_is_found_by_name_and_by_index(server: FakeApiServer, inventory: Inventory) -> None:
    server.lists.append(page([disk("a", "5", uid="u")], "10"))
    server.watches.append(Stream())
    async with running(inventory):
        found = inventory.get(VIRTUAL_DISK, "default", "a")
        assert found is not None
        assert list(inventory.find(BY_UID, "u")) == [found]


async def test_the_manifest_that_kubectl_leaves_is_not_kept(server: FakeApiServer, inventory: Inventory) -> None:
    annotations = {LAST_APPLIED_CONFIGURATION: "{}", "kept": "yes"}
    server.lists.append(page([disk("a", "5", annotations=annotations)], "10"))
    server.watches.append(Stream())
    async with running(inventory):
        found = inventory.get(VIRTUAL_DISK, "default", "a")
        assert found is not None
        assert found.metadata.annotations == {"kept": "yes"}


async def test_a_write_is_visible_once_its_event_is_in(server: FakeApiServer, inventory: Inventory) -> None:
    server.lists.append(page([disk("a", "5")], "10"))
    stream = Stream()
    server.watches.append(stream)
    async with running(inventory):
        waiting = asyncio.create_task(seen(inventory, "a", "12"))
        stream.send(event("MODIFIED", disk("a", "11")))
        stream.send(event("MODIFIED", disk("a", "12")))
        assert await waiting
        found = inventory.get(VIRTUAL_DISK, "default", "a")
        assert found is not None
        assert found.metadata.resource_version == "12"


async def test_versions_compare_as_numbers(server: FakeApiServer, inventory: Inventory) -> None:
    server.lists.append(page([disk("a", "10")], "10"))
    server.watches.append(Stream())
    async with running(inventory):
        assert await seen(inventory, "a", "9")
        assert not await inventory.visible(VIRTUAL_DISK, "default", "a", "11", deadline_seconds=0.01)


@pytest.mark.parametrize("passed", [bookmark("20"), event("DELETED", disk("a", "20"))])
async def test_a_write_is_also_visible_when_the_watch_has_passed_it(
    server: FakeApiServer, inventory: Inventory, passed: dict[str, Any]
) -> None:
    server.lists.append(page([disk("a", "5")], "10"))
    server.watches.append(Stream(passed))
    async with running(inventory):
        assert await seen(inventory, "a", "15")


@pytest.mark.parametrize(
    "going", [event("DELETED", disk("a", "11")), event("MODIFIED", disk("a", "11", deletionTimestamp="2026-11-23"))]
)
async def test_a_deletion_is_visible_when_the_object_is_gone_or_going(
    server: FakeApiServer, inventory: Inventory, going: dict[str, Any]
) -> None:
    server.lists.append(page([disk("a", "5")], "10"))
    stream = Stream()
    server.watches.append(stream)
    async with running(inventory):
        waiting = asyncio.create_task(seen(inventory, "a", None))
        stream.send(going)
        assert await waiting


async def test_listeners_hear_of_the_first_list_and_of_each_change(server: FakeApiServer, inventory: Inventory) -> None:
    heard: list[tuple[str, str | None, str | None]] = []

    def listener(kind: Kind[Any], old: VirtualDisk | None, new: VirtualDisk | None) -> None:
        before, after = (each.metadata.resource_version if each else None for each in (old, new))
        heard.append((kind.name, before, after))

    inventory.subscribe(listener)
    server.lists.append(page([disk("a", "5")], "10"))
    server.watches.append(Stream(event("MODIFIED", disk("a", "11")), event("DELETED", disk("a", "12"))))
    async with running(inventory):
        assert await seen(inventory, "a", "12")
    assert heard == [("VirtualDisk", None, "5"), ("VirtualDisk", "5", "11"), ("VirtualDisk", "11", None)]


async def test_an_object_that_no_longer_decodes_is_heard_of_and_cannot_be_read(
    server: FakeApiServer, inventory: Inventory
) -> None:
    heard = []
    inventory.subscribe(lambda _, old, new: heard.append((old is None, new is None)))
    server.lists.append(page([disk("a", "5")], "10"))
    server.watches.append(Stream(event("MODIFIED", broken_disk("a", "11"))))
    async with running(inventory):
        assert await seen(inventory, "a", "11")
        with pytest.raises(UnreadableError):
            inventory.get(VIRTUAL_DISK, "default", "a")
    assert heard == [(True, False), (False, True)]


async def test_the_age_of_the_facts_is_the_longest_silence(
    server: FakeApiServer, inventory: Inventory, time: Time
) -> None:
    server.lists.append(page([], "10"))
    stream = Stream()
    server.watches.append(stream)
    async with running(inventory):
        await stream.opened.wait()
        stream.send(bookmark("11"))
        assert await seen(inventory, "any", "11")
        time.now += 42.0
        assert inventory.age_seconds() == 42.0


async def test_a_watch_that_does_not_come_back_makes_the_inventory_unhealthy(
    server: FakeApiServer, inventory: Inventory, time: Time
) -> None:
    server.lists.append(page([], "10"))
    server.watches.append(refusal(403, "Forbidden", "may not watch"))
    async with running(inventory):
        await server.until(lambda: len(server.watched) >= 2)
        assert inventory.broken() == ()
        time.now += 61.0
        assert inventory.broken() == (
            "virtualdisks.virtualization.deckhouse.io cannot be watched: may not watch (403 Forbidden)",
        )
        assert not inventory.healthy


async def test_an_inventory_is_not_synced_before_its_first_list(
    server: FakeApiServer, inventory: Inventory, registry: CollectorRegistry
) -> None:
    server.lists.append(refusal(403, "Forbidden"))
    task = asyncio.create_task(inventory.run())
    await server.until(lambda: len(server.listed) >= 2)
    assert not inventory.synced
    kind = {"kind": "VirtualDisk"}
    assert registry.get_sample_value("snapgate_synced", kind) == 0.0
    assert registry.get_sample_value("snapgate_watch_restarts_total", {**kind, "reason": "expired"}) == 0.0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_metrics_tell_of_objects_and_of_streams_that_ended(
    server: FakeApiServer, inventory: Inventory, registry: CollectorRegistry, time: Time
) -> None:
    server.lists.append(page([disk("a", "5"), broken_disk("b", "6")], "10"))
    server.watches.extend([refusal(429, "TooManyRequests"), Stream(bookmark("11"))])
    async with running(inventory):
        assert await seen(inventory, "any", "11")
        time.now += 3.0
        kind = {"kind": "VirtualDisk"}
        assert registry.get_sample_value("snapgate_synced", kind) == 1.0
        assert registry.get_sample_value("snapgate_cache_objects", kind) == 2.0
        assert registry.get_sample_value("snapgate_undecodable_objects", kind) == 1.0
        assert registry.get_sample_value("snapgate_last_event_age_seconds", kind) == 3.0
        assert registry.get_sample_value("snapgate_watch_restarts_total", {**kind, "reason": "busy"}) == 1.0


async def test_an_object_that_cannot_be_read_is_named_once(server: FakeApiServer, inventory: Inventory) -> None:
    server.lists.append(page([disk("a", "5"), broken_disk("b", "6")], "10"))
    server.watches.append(Stream(event("MODIFIED", broken_disk("b", "11")), bookmark("12")))
    with capture_logs() as logs:
        async with running(inventory):
            assert await seen(inventory, "any", "12")
    named = [(log["kind"], log["name"]) for log in logs if log["event"] == "object cannot be read"]
    assert named == [("VirtualDisk", "b")]


async def test_a_listener_that_raises_ends_the_inventory_rather_than_freezing_it(
    server: FakeApiServer, inventory: Inventory
) -> None:
    def listener(*_: object) -> None:
        raise ZeroDivisionError

    inventory.subscribe(listener)
    server.lists.append(page([disk("a", "5")], "10"))
    server.watches.append(Stream())
    with pytest.raises(ExceptionGroup):
        await inventory.run()
