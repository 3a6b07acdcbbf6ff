from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession, web

from certs.authority import new_authority
from certs.leaf import sign_leaf
from certs.serving_context import ServingContext
from webhook.app.settings import WebhookSettings
from webhook.app.validation import validating

NAME = "snapgate-webhook.snapgate-system.svc"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answering() -> web.Application:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    application = web.Application()
    application.router.add_get("/", hello)
    return application


async def test_service_listens_on_its_own_port_with_the_webhooks_certificate() -> None:
    now = datetime.now(UTC)
    authority = new_authority("authority", now)
    serving = ServingContext()
    serving.use(sign_leaf(authority, [NAME], now), [NAME], now)
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    settings = WebhookSettings(host="127.0.0.1", validation_port=free_port())

    async with validating(settings, answering(), serving.context), ClientSession() as session:
        url = f"https://127.0.0.1:{settings.validation_port}/"
        async with session.get(url, ssl=trust, server_hostname=NAME) as response:
            assert await response.text() == "hello"


async def test_port_zero_means_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhook.app.validation.listening", None)
    async with validating(WebhookSettings(host="127.0.0.1"), answering(), ServingContext().context):
        pass
