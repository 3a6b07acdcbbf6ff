from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from tests.support.background import in_background
from tests.support.fake_api_server import FakeApiServer, Stream, bookmark, closing, event, refusal
from tests.support.serving import client_of
from webhook.app.certificates import VALIDATING_WEBHOOK_CONFIGURATION
from webhook.app.object_watch import ObjectWatch
from webhook.kube.reflector import WatchSettings

OBJECT = {"metadata": {"name": "snapgate", "resourceVersion": "7"}, "webhooks": []}
FAST = WatchSettings(first_delay_seconds=0.01, longest_delay_seconds=0.05)


class Changes:
    def __init__(self) -> None:
        self.seen = 0
        self._noticed = asyncio.Event()

    def __call__(self) -> None:
        self.seen += 1
        self._noticed.set()

    async def reach(self, number: int) -> None:
        async with asyncio.timeout(30):
            while self.seen < number:
                self._noticed.clear()
                await self._noticed.wait()


@asynccontextmanager
async def watching(server: FakeApiServer) -> AsyncIterator[Changes]:
    changes = Changes()
    async with client_of(server) as client:
        watch = ObjectWatch(
            client, VALIDATING_WEBHOOK_CONFIGURATION, "snapgate", changes, random=lambda: 0.0, settings=FAST
        )
        async with in_background(watch.run()):
            yield changes


async def test_only_the_named_object_is_watched_and_nothing_is_listed() -> None:
    server, stream = FakeApiServer(), Stream(event("ADDED", OBJECT))
    server.watches.append(stream)
    async with watching(server) as changes:
        await changes.reach(1)
        assert (server.listed, len(server.requests)) == ([], 1)
        assert server.watched[0]["fieldSelector"] == "metadata.name=snapgate"
        assert server.watched[0]["resourceVersion"] == ""
        stream.end()


async def test_every_change_is_told_and_a_bookmark_is_none() -> None:
    server, stream = FakeApiServer(), Stream(event("ADDED", OBJECT), bookmark("8"), event("MODIFIED", OBJECT))
    server.watches.append(stream)
    async with watching(server) as changes:
        await changes.reach(2)
        stream.send(event("DELETED", OBJECT))
        await changes.reach(3)
        stream.end()


@pytest.mark.parametrize("failure", [refusal(403, "Forbidden"), refusal(410, "Expired"), closing()])
async def test_watch_that_ended_is_opened_again(failure: object) -> None:
    server, stream = FakeApiServer(), Stream(event("ADDED", OBJECT))
    server.watches.extend([failure, stream])  # type: ignore[list-item]  # each of them is an Answer
    async with watching(server) as changes:
        await changes.reach(1)
        assert len(server.watched) == 2
        stream.end()


async def test_watch_that_is_not_allowed_is_complained_of_once() -> None:
    server = FakeApiServer()
    server.watches.append(refusal(403, "Forbidden"))
    with capture_logs() as logs:
        async with watching(server) as changes:
            await server.until(lambda: len(server.watched) == 3)
            assert changes.seen == 0
    assert [entry["event"] for entry in logs] == ["watch interrupted"]
