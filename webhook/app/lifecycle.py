"""How a process of ours ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

import structlog

_log = structlog.get_logger(__name__)

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


async def _at_once() -> None:
    """Leaves nothing to be done."""


async def until_told_to_stop(
    *tasks: Coroutine[Any, Any, None],
    leave: Callable[[], Awaitable[None]] = _at_once,
    end: Callable[[int], object] = os._exit,
) -> None:
    """Run all of these until SIGTERM or SIGINT, and on while `leave` runs; then cancel them.

    A second signal ends the process at once, by `end`. A task that ends by itself before the first is a failure that
    ends the process loudly; later only one that raises is.
    """
    told = _told_by_signal(end)
    running = [asyncio.ensure_future(task) for task in tasks]
    steps: list[asyncio.Future[Any]] = [asyncio.ensure_future(told.wait())]
    try:
        await _until(steps[-1], running, may_end=False)
        _log.info("stopping")
        steps.append(asyncio.ensure_future(leave()))
        await _until(steps[-1], running, may_end=True)
    finally:
        for task in (*steps, *running):
            task.cancel()
        await asyncio.gather(*steps, *running, return_exceptions=True)


async def _until(over: asyncio.Future[Any], running: Sequence[asyncio.Future[None]], *, may_end: bool) -> None:
    while not over.done():
        going = [task for task in running if not task.done()]
        ended, _ = await asyncio.wait([over, *going], return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
        if over not in ended and not may_end:
            raise RuntimeError("a part of the process ended that should have gone on")


def _told_by_signal(end: Callable[[int], object]) -> asyncio.Event:
    """The handlers stay until the loop is closed: what is in flight may still have to be finished.

    The second signal has one too: for the first process of a container, the kernel knows no default.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()

    def receive(number: signal.Signals) -> None:
        if told.is_set():
            _log.warning("told to stop again, ending at once", signal=number.name)
            end(128 + number)
        told.set()

    for each in SIGNALS:
        loop.add_signal_handler(each, receive, each)
    return told
