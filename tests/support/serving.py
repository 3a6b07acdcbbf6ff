"""A fake API server on a real socket."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp.test_utils import TestServer

from tests.support.fake_api_server import FakeApiServer
from webhook.kube.client import Client
from webhook.kube.transport import Endpoint, Transport


@asynccontextmanager
async def served(fake: FakeApiServer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Gives its URL."""
    server = TestServer(fake.application(), host="localhost", scheme="https" if tls else "http")
    await server.start_server(ssl=tls, shutdown_timeout=0)
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


@asynccontextmanager
async def client_of(fake: FakeApiServer) -> AsyncIterator[Client]:
    async with served(fake) as url:
        client = Client(Transport(Endpoint(url)))
        try:
            yield client
        finally:
            await client.close()
