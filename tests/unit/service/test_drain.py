from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from tests.support.virtual_time import in_virtual_time, now
from webhook.service.drain import Drain, DrainSettings

SETTINGS = DrainSettings(wait_seconds=10, quiet_seconds=3, longest_seconds=33)


class Server:
    """The application under drain, without sockets: requests are handed to its middleware."""

    def __init__(self) -> None:
        self.drain = Drain(SETTINGS)
        self._application = web.Application()
        self.drain.watch(self._application)

    async def request(self, *, lasting: float = 0.0) -> None:
        async def handler(_: web.Request) -> web.StreamResponse:
            await asyncio.sleep(lasting)
            return web.Response()

        (count,) = self._application.middlewares
        await count(make_mocked_request("POST", "/validate"), handler)

    async def drained_at(self, begin: float, *while_draining: Callable[[], Awaitable[None]]) -> float:
        await asyncio.sleep(begin - now())
        others = [asyncio.ensure_future(each()) for each in while_draining]
        await self.drain.run()
        ended = now()
        for each in others:
            each.cancel()
        return ended


@in_virtual_time
async def test_quiet_server_drains_while_endpoints_move() -> None:
    assert await Server().drained_at(100.0) == 110.0


@in_virtual_time
async def test_server_is_not_ready_from_the_beginning_of_the_drain() -> None:
    server = Server()
    assert server.drain.not_ready_reason() is None
    draining = asyncio.ensure_future(server.drain.run())
    await asyncio.sleep(0)
    assert server.drain.not_ready_reason() == "draining"
    await draining
    assert server.drain.not_ready_reason() == "draining"


@in_virtual_time
async def test_requests_that_still_come_put_the_end_off() -> None:
    server = Server()

    async def late() -> None:
        await asyncio.sleep(9.0)
        await server.request()

    assert await server.drained_at(100.0, late) == 112.0


@in_virtual_time
async def test_request_in_flight_is_waited_for() -> None:
    server = Server()

    async def slow() -> None:
        await asyncio.sleep(9.0)
        await server.request(lasting=5.0)

    assert await server.drained_at(100.0, slow) == pytest.approx(117.0, abs=0.2)


@in_virtual_time
async def test_traffic_that_never_ends_does_not_keep_the_server_beyond_its_grace_period() -> None:
    server = Server()

    async def busy() -> None:
        while True:
            await server.request()
            await asyncio.sleep(1.0)

    assert await server.drained_at(100.0, busy) == 133.0


@in_virtual_time
async def test_request_that_hangs_does_not_keep_the_server_beyond_its_grace_period() -> None:
    server = Server()

    async def hanging() -> None:
        await server.request(lasting=1000.0)

    assert await server.drained_at(100.0, hanging) == pytest.approx(133.0)


async def test_answers_close_their_connection_once_draining_and_not_before() -> None:
    drain = Drain(DrainSettings(wait_seconds=60, quiet_seconds=0, longest_seconds=60))
    arrived, release = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        arrived.set()
        await release.wait()
        return web.Response()

    async def quick(_: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.router.add_post("/slow", slow)
    application.router.add_post("/quick", quick)
    drain.watch(application)
    async with TestClient(TestServer(application)) as client:
        assert "Connection" not in (await client.post("/quick")).headers
        in_flight = asyncio.ensure_future(client.post("/slow"))
        await arrived.wait()
        draining = asyncio.ensure_future(drain.run())
        await asyncio.sleep(0)
        release.set()
        closed = [await in_flight, await client.post("/quick"), await client.post("/nowhere")]
        draining.cancel()
    assert [response.headers.get("Connection") for response in closed] == ["close"] * 3
