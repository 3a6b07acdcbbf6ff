"""How a process of ours ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

import structlog

_log = structlog.get_logger(__name__)


async def until_told_to_stop(*tasks: Coroutine[Any, Any, None]) -> None:
    """Run all of these until SIGTERM or SIGINT; one that ends by itself is a failure that ends the process loudly."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told.set)
    running = [asyncio.ensure_future(task) for task in tasks]
    stopping = asyncio.ensure_future(told.wait())
    try:
        ended, _ = await asyncio.wait([stopping, *running], return_when=asyncio.FIRST_COMPLETED)
        if stopping not in ended:
            for task in ended:
                task.result()
            raise RuntimeError("a part of the process ended that should have gone on")
        _log.info("stopping")
    finally:
        for task in (stopping, *running):
            task.cancel()
        await asyncio.gather(stopping, *running, return_exceptions=True)
