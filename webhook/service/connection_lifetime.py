"""Connections that end after a while, so that load finds new replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web
from aiohttp.base_protocol import BaseProtocol

from webhook.service.last_answer import close_with

_JITTER: Final = 0.5
"""Connections that were made together, after a replica went, do not all end together."""
_FEWEST_TO_FORGET: Final = 64


class ConnectionLifetime:
    """Closes a connection with the first answer after its time: whoever closes an idle one may lose a request.

    A caller that keeps its connections (the API server does, for 90 s without use) stays with one replica as long as
    they live. `random` gives numbers in [0, 1); 0 seconds means for ever.
    """

    def __init__(self, seconds: float, *, random: Callable[[], float]) -> None:
        self._seconds = seconds
        self._random = random
        self._ends: dict[BaseProtocol, float] = {}
        self._forget_at = _FEWEST_TO_FORGET

    def watch(self, application: web.Application) -> None:
        if self._seconds:
            application.on_response_prepare.append(self._close_when_over)

    def __len__(self) -> int:
        """Connections that are remembered."""
        return len(self._ends)

    async def _close_when_over(self, request: web.Request, response: web.StreamResponse) -> None:
        if self.is_over(request.protocol):
            close_with(response)

    def is_over(self, connection: BaseProtocol) -> bool:
        """Counted from the first question, at the first answer: aiohttp tells nobody of a connection before."""
        now = asyncio.get_running_loop().time()
        end = self._ends.get(connection)
        if end is None:
            self._forget_lost()
            end = self._ends[connection] = now + self._seconds * (1 - _JITTER * self._random())
        return now >= end

    def _forget_lost(self) -> None:
        """Now and then: neither protocols nor uvloop's transports can be referred to weakly."""
        if len(self._ends) < self._forget_at:
            return
        self._ends = {each: end for each, end in self._ends.items() if each.transport is not None}
        self._forget_at = max(2 * len(self._ends), _FEWEST_TO_FORGET)
