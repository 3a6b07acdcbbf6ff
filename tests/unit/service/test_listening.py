from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
from aiohttp import ClientConnectorCertificateError, ClientSession, TCPConnector, web

from certs.authority import Authority, new_authority
from certs.leaf import sign_leaf
from certs.serving_context import ServingContext
from webhook.service.listening import listening

NAME = "snapgate-webhook.snapgate-system.svc"


def trusting(authority: Authority) -> ClientSession:
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    return ClientSession(connector=TCPConnector(ssl=context))


async def caller_seen_at(url: str, session: ClientSession) -> str:
    async with session.get(url, server_hostname=NAME) as response:
        return await response.text()


async def test_certificate_changes_for_new_connections_while_old_ones_live_on() -> None:
    now = datetime.now(UTC)
    before, after = new_authority("before", now), new_authority("after", now)
    serving = ServingContext()
    serving.use(sign_leaf(before, [NAME], now), [NAME], now)
    application = web.Application()
    application.router.add_get("/", _peer)
    async with (
        listening(application, host="127.0.0.1", port=0, ssl_context=serving.context) as port,
        trusting(before) as old,
        trusting(before) as late,
        trusting(after) as new,
    ):
        url = f"https://127.0.0.1:{port}/"
        peer = await caller_seen_at(url, old)
        serving.use(sign_leaf(after, [NAME], now), [NAME], now)
        assert await caller_seen_at(url, old) == peer
        assert await caller_seen_at(url, new) != peer
        with pytest.raises(ClientConnectorCertificateError):
            await caller_seen_at(url, late)


async def _peer(request: web.Request) -> web.Response:
    """Which connection this came over."""
    assert request.transport is not None
    return web.Response(text=str(request.transport.get_extra_info("peername")))
