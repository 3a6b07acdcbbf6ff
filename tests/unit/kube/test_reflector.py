from __future__ import annotations

import asyncio

from tests.support.disks import disk
from tests.support.fake_api_server import FakeApiServer, Stream, bookmark, closing, event, page
from tests.support.recording_sink import RecordingSink
from tests.support.reflecting import QUICK, running
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.kube.client import Client
from webhook.kube.reflector import Reflector


async def test_first_list_comes_from_memory_and_the_watch_goes_on_from_it(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([disk("a", "5")], "10"))
    server.watches.append(Stream())
    async with running(client, sink) as reflector:
        await server.until(lambda: bool(server.watched))
        assert reflector.synced.is_set()
    assert sink.objects == {"a": "5"}
    assert server.listed == [{"limit": "500", "resourceVersion": "0", "fieldSelector": "metadata.name!=ignored"}]
    assert server.watched == [
        {
            "watch": "true",
            "resourceVersion": "10",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": "450",
            "fieldSelector": "metadata.name!=ignored",
        }
    ]


async def test_a_list_is_read_page_by_page(server: FakeApiServer, client: Client, sink: RecordingSink) -> None:
    server.lists.extend([page([disk("a", "5")], "10", more="next"), page([disk("b", "6")], "10")])
    server.watches.append(Stream())
    async with running(client, sink):
        await server.until(lambda: bool(server.watched))
    assert sink.objects == {"a": "5", "b": "6"}
    assert sink.replaced == 1
    assert server.listed[1] == {"limit": "500", "continue": "next", "fieldSelector": "metadata.name!=ignored"}


async def test_events_change_the_sink(server: FakeApiServer, client: Client, sink: RecordingSink) -> None:
    server.lists.append(page([disk("a", "5"), disk("b", "6")], "10"))
    server.watches.append(
        Stream(event("ADDED", disk("c", "11")), event("MODIFIED", disk("a", "12")), event("DELETED", disk("b", "13")))
    )
    async with running(client, sink):
        await sink.until(lambda: sink.positions[-1:] == ["13"])
    assert sink.objects == {"a": "12", "c": "11"}


async def test_a_bookmark_moves_the_position_from_which_the_next_watch_starts(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    server.watches.extend([Stream(bookmark("50")).ended(), Stream()])
    async with running(client, sink):
        await server.until(lambda: len(server.watched) == 2)
    assert server.watched[1]["resourceVersion"] == "50"
    assert len(server.listed) == 1


async def test_a_stream_that_ends_is_renewed_without_a_list(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    server.watches.extend([closing(event("ADDED", disk("a", "11"))), Stream()])
    async with running(client, sink):
        await server.until(lambda: len(server.watched) == 2)
    assert server.watched[1]["resourceVersion"] == "11"
    assert (len(server.listed), sink.restarts) == (1, ["closed"])


async def test_each_event_makes_the_facts_young_again(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    stream = Stream()
    server.watches.append(stream)
    now = 100.0
    reflector = Reflector(
        client, VIRTUAL_DISK, sink, clock=lambda: now, random=lambda: 0.0, settings=QUICK, observer=sink
    )
    task = asyncio.create_task(reflector.run())
    await stream.opened.wait()
    await sink.until(lambda: sink.positions == ["10"])
    now = 160.0
    assert reflector.last_event_age() == 60.0
    stream.send(bookmark("12"))
    await sink.until(lambda: sink.positions[-1] == "12")
    assert reflector.last_event_age() == 0.0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
