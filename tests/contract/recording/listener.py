"""A webhook that allows everything, changes nothing, and keeps what it was asked."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from aiohttp import web
from msgspec import Raw

from lab.context import Lab
from tests.contract.recording.recording import MUTATE, VALIDATE, Call

ADDRESS: Final = "10.97.0.30"
PORT: Final = 8443

_HEADERS: Final = ("Accept", "Content-Type", "User-Agent")


class Listener:
    def __init__(self) -> None:
        self._calls: list[Call] = []

    def heard(self) -> tuple[Call, ...]:
        """What came since the last time this was asked. The API server waits for us, so nothing is still on its way
        once the command that caused it has ended."""
        calls = tuple(self._calls)
        self._calls.clear()
        return calls

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: request.headers[name] for name in _HEADERS if name in request.headers}
        self._calls.append(Call(request.path, request.query_string, headers, Raw(body)))
        uid = msgspec.json.decode(body)["request"]["uid"]
        response = {"uid": uid, "allowed": True}
        return web.json_response({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})


@asynccontextmanager
async def listening(lab: Lab) -> AsyncIterator[Listener]:
    """On an address of the lab's network, so inside of it, with a certificate of the lab's authority."""
    listener = Listener()
    application = web.Application()
    application.router.add_post(MUTATE, listener.answer)
    application.router.add_post(VALIDATE, listener.answer)
    pair = lab.serving_certificate("recorder", (ADDRESS,))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, ADDRESS, PORT, ssl_context=context).start()
        yield listener
    finally:
        await runner.cleanup()
