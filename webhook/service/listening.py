"""An application on a port."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

KEEP_ALIVE_SECONDS: Final = 120.0
"""Longer than the 90 s after which the API server closes an idle connection (apimachinery, util/net/http.go): whoever
closes first must not be us, or a review sent at that moment is lost with EOF."""
SHUTDOWN_SECONDS: Final = 5.0


@asynccontextmanager
async def listening(
    application: web.Application,
    *,
    host: str,
    port: int,
    ssl_context: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Serve until left; gives the port, which the system chose when `port` is 0.

    Leaving closes idle connections and lets requests in flight end.
    """
    runner = web.AppRunner(
        application,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=ssl_context).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
