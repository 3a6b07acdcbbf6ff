from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import TestClient, TestServer

from tests.support.virtual_time import in_virtual_time
from webhook.service.connection_lifetime import ConnectionLifetime


def connection() -> BaseProtocol:
    made = BaseProtocol(asyncio.get_running_loop())
    made.transport = asyncio.Transport()
    return made


@in_virtual_time
async def test_connection_is_over_after_its_time() -> None:
    lifetime, old = ConnectionLifetime(100.0, random=lambda: 0.0), connection()
    assert not lifetime.is_over(old)
    await asyncio.sleep(99)
    assert not lifetime.is_over(old)
    await asyncio.sleep(1)
    assert lifetime.is_over(old)
    assert not lifetime.is_over(connection())


@in_virtual_time
async def test_jitter_shortens_a_life_by_up_to_half() -> None:
    lifetime, old = ConnectionLifetime(100.0, random=lambda: 0.999), connection()
    assert not lifetime.is_over(old)
    await asyncio.sleep(51)
    assert lifetime.is_over(old)


@in_virtual_time
async def test_connections_that_are_gone_are_forgotten() -> None:
    lifetime = ConnectionLifetime(100.0, random=lambda: 0.0)
    living = [connection() for _ in range(10)]
    for each in living:
        lifetime.is_over(each)
    for _ in range(10_000):
        gone = connection()
        lifetime.is_over(gone)
        gone.transport = None
    assert len(lifetime) < 200
    await asyncio.sleep(100)
    assert all(lifetime.is_over(each) for each in living)


@pytest.mark.parametrize(("seconds", "connections"), [(1e-9, 5), (60.0, 1), (0.0, 1)])
async def test_callers_connect_again_when_told(seconds: float, connections: int) -> None:
    peers = set()

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response()

    application = web.Application()
    application.router.add_get("/", handler)
    ConnectionLifetime(seconds, random=lambda: 0.0).watch(application)
    async with TestClient(TestServer(application)) as client:
        for _ in range(10):
            response: Any = await client.get("/")
            assert response.status == 200
    assert len(peers) == connections
