"""How a server stops without losing a request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from webhook.service.last_answer import close_with

_STEP_SECONDS: Final = 0.1
"""Between looks while requests are in flight."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DrainSettings:
    wait_seconds: float
    """At least so long, because callers learn late that the endpoint is gone, and go on using open connections."""
    quiet_seconds: float
    """Then until no request has come for so long."""
    longest_seconds: float
    """But no longer than this: the process is killed at the end of its grace period."""


class Drain:
    """Keeps answering while callers move to other replicas. Times are of the running loop's clock.

    A connection that is closed while idle may have a request on its way, which is then lost: the API server does not
    repeat a POST (client-go, rest/request.go). So each connection is closed with an answer, and the listener last.
    """

    def __init__(self, settings: DrainSettings) -> None:
        self._settings = settings
        self._begun_at: float | None = None
        self._in_flight = 0
        self._heard_at = float("-inf")

    def watch(self, application: web.Application) -> None:
        """Count this application's requests, and have its answers close their connections once draining."""
        application.middlewares.append(self._count)
        application.on_response_prepare.append(self._say_goodbye)

    @property
    def draining(self) -> bool:
        return self._begun_at is not None

    def not_ready_reason(self) -> str | None:
        return "draining" if self.draining else None

    async def run(self) -> None:
        """Until endpoints have moved and it is quiet, or there is no more time. Raises nothing."""
        self._begun_at = _now()
        _log.info("draining", in_flight=self._in_flight)
        left = self._left(self._begun_at)
        while left > 0:
            await asyncio.sleep(left)
            left = self._left(self._begun_at)
        _log.info("drained", seconds=round(_now() - self._begun_at, 1), in_flight=self._in_flight)

    def _left(self, begun_at: float) -> float:
        """How long to wait before the next look; 0 or less when it is over."""
        now = _now()
        time_left = begun_at + self._settings.longest_seconds - now
        if self._in_flight:
            return min(_STEP_SECONDS, time_left)
        earliest = max(begun_at + self._settings.wait_seconds, self._heard_at + self._settings.quiet_seconds)
        return min(earliest - now, time_left)

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._in_flight += 1
        try:
            return await handler(request)
        finally:
            self._in_flight -= 1
            self._heard_at = _now()

    async def _say_goodbye(self, _: web.Request, response: web.StreamResponse) -> None:
        """As late as the headers are written: also to what was in flight when the drain began."""
        if self.draining:
            close_with(response)


def _now() -> float:
    return asyncio.get_running_loop().time()
