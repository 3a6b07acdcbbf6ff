"""An API server that fails on demand, in the ways the real one only does on a bad day."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

DEADLINE_SECONDS = 60.0


class FakeApiServer:
    """Answers lists, watches and everything else, each from its own script; the last answer of a script stays."""

    def __init__(self) -> None:
        self.lists: deque[Answer] = deque()
        self.watches: deque[Answer] = deque()
        self.others: deque[Answer] = deque()
        self.requests: list[web.Request] = []
        self.bodies: list[Any] = []
        self._arrived = asyncio.Event()

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    @property
    def listed(self) -> list[Mapping[str, str]]:
        """The query of each list so far."""
        return [dict(each.query) for each in self.requests if "limit" in each.query]

    @property
    def watched(self) -> list[Mapping[str, str]]:
        """The query of each watch so far."""
        return [dict(each.query) for each in self.requests if "watch" in each.query]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for requests until this holds."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not true():
                self._arrived.clear()
                await self._arrived.wait()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.bodies.append(msgspec.json.decode(body) if body else None)
        self.requests.append(request)
        self._arrived.set()
        script = self._script(request)
        answer = script.popleft() if len(script) > 1 else script[0]
        return await answer(request)

    def _script(self, request: web.Request) -> deque[Answer]:
        if "watch" in request.query:
            return self.watches
        return self.lists if "limit" in request.query else self.others


def json(body: Any, status: int = 200) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


def text(body: str, status: int, headers: Mapping[str, str] | None = None) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status, headers=headers)

    return answer


def refusal(code: int, reason: str, message: str = "no") -> Answer:
    return json(status(code, reason, message), code)


def status(code: int, reason: str, message: str = "no") -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "code": code, "reason": reason, "message": message}


def page(objects: Sequence[Mapping[str, Any]], resource_version: str, more: str = "") -> Answer:
    metadata = {"resourceVersion": resource_version, "continue": more}
    return json({"kind": "List", "metadata": metadata, "items": list(objects)})


def event(event_type: str, body: Any) -> dict[str, Any]:
    return {"type": event_type, "object": body}


def bookmark(resource_version: str) -> dict[str, Any]:
    return event("BOOKMARK", {"metadata": {"resourceVersion": resource_version}})


class Stream:
    """The answer to one watch, written to while it is open. `await stream.opened.wait()` for the request."""

    def __init__(self, *events: Any) -> None:
        self.opened = asyncio.Event()
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        for each in events:
            self.send(each)

    def send(self, sent: Any) -> None:
        """An event, or bytes as they are."""
        self._events.put_nowait(sent)

    def end(self) -> None:
        self._events.put_nowait(None)

    def ended(self) -> Stream:
        self.end()
        return self

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        self.opened.set()
        while (sent := await self._events.get()) is not None:
            await response.write(sent if isinstance(sent, bytes) else msgspec.json.encode(sent) + b"\n")
        return response


def closing(*events: Any) -> Answer:
    """Sends these and ends the stream, each time anew."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await Stream(*events).ended()(request)

    return answer
