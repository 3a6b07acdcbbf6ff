from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.support.background import in_background
from tests.support.disks import disk
from tests.support.fake_api_server import FakeApiServer, Stream, closing, page, refusal, text
from tests.support.recording_sink import RecordingSink
from tests.support.reflecting import QUICK
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.kube.client import Client
from webhook.kube.reflector import Reflector

NOT_SERVED = text("404 page not found\n", 404)


@asynccontextmanager
async def following(client: Client, sink: RecordingSink) -> AsyncIterator[Reflector[VirtualDisk]]:
    reflector = Reflector(
        client,
        VIRTUAL_DISK,
        sink,
        optional=True,
        clock=time.monotonic,
        random=lambda: 0.5,
        settings=replace(QUICK, unserved_seconds=0.002),
        observer=sink,
    )
    async with in_background(reflector.run()):
        yield reflector


async def test_nothing_waits_for_a_kind_that_is_not_served(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(NOT_SERVED)
    async with following(client, sink) as reflector:
        await server.until(lambda: len(server.listed) >= 3)
        assert reflector.synced.is_set()
        assert not reflector.served
        assert reflector.failing_since is None
        assert reflector.last_event_age() < 1
    assert (sink.objects, sink.restarts) == ({}, [])


async def test_it_is_followed_as_soon_as_it_is_served(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.extend([NOT_SERVED, NOT_SERVED, page([disk("a", "5")], "10")])
    server.watches.append(Stream())
    async with following(client, sink) as reflector:
        await server.until(lambda: bool(server.watched))
        assert reflector.served
    assert sink.objects == {"a": "5"}


async def test_one_that_goes_is_unknown_again_and_may_come_back(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.extend([page([disk("a", "5")], "10"), NOT_SERVED, NOT_SERVED, page([disk("b", "15")], "20")])
    server.watches.extend([closing(), NOT_SERVED, Stream()])
    async with following(client, sink) as reflector:
        await sink.until(lambda: sink.replaced == 2)
        assert (sink.objects, reflector.served) == ({}, False)
        await server.until(lambda: len(server.watched) == 3)
        assert (sink.objects, reflector.served) == ({"b": "15"}, True)


async def test_one_that_may_not_be_read_is_waited_for(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    """A mistake in our rights, which must not pass for a module that is not installed."""
    server.lists.append(refusal(403, "Forbidden"))
    async with following(client, sink) as reflector:
        await server.until(lambda: len(server.listed) >= 2)
        assert not reflector.synced.is_set()
        assert reflector.failing_since is not None


async def test_what_need_not_be_kept_is_left_out_as_it_is_read_and_lists_may_come_in_pages(
    server: FakeApiServer, client: Client
) -> None:
    def without_labels(found: VirtualDisk) -> VirtualDisk:
        return VirtualDisk(metadata=type(found.metadata)(name=found.metadata.name.upper(), resource_version="1"))

    sink = RecordingSink()
    server.lists.append(page([disk("a", "5")], "10"))
    server.watches.append(Stream())
    reflector = Reflector(
        client, VIRTUAL_DISK, sink, project=without_labels, in_pages=True, clock=time.monotonic, random=lambda: 0.5
    )
    task = asyncio.create_task(reflector.run())
    await server.until(lambda: bool(server.watched))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sink.objects == {"a": "1"}
    assert "resourceVersion" not in server.listed[0]
