"""Real signals, each time on a loop of its own: its end takes the handlers away again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from webhook.app.lifecycle import SIGNALS, until_told_to_stop


class Process:
    """What happened, in order."""

    def __init__(self) -> None:
        self.did: list[str] = []

    async def work(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.did.append("work ended")

    async def leave(self) -> None:
        self.did.append("leaving")
        await asyncio.sleep(0.01)
        self.did.append("left")

    def run(self, *tasks: Coroutine[Any, Any, None], leave: Callable[[], Awaitable[None]] | None = None) -> None:
        async def main() -> None:
            await until_told_to_stop(*tasks, leave=leave or self.leave, end=self._end)

        asyncio.run(main())

    def _end(self, status: int) -> None:
        self.did.append(f"ended with {status}")
        raise SystemExit(status)


async def told(*signals: int, after: float = 0.02) -> None:
    for each in signals:
        await asyncio.sleep(after)
        os.kill(os.getpid(), each)
    await asyncio.Event().wait()


@pytest.mark.parametrize("number", SIGNALS)
def test_work_goes_on_until_everything_has_been_left_in_order(number: signal.Signals) -> None:
    process = Process()
    process.run(process.work(), told(number))
    assert process.did == ["leaving", "left", "work ended"]


def test_second_signal_ends_the_process_at_once() -> None:
    process = Process()

    async def leave() -> None:
        process.did.append("leaving")
        await asyncio.Event().wait()

    with pytest.raises(SystemExit):
        process.run(process.work(), told(signal.SIGTERM, signal.SIGTERM), leave=leave)
    assert process.did[:2] == ["leaving", f"ended with {128 + signal.SIGTERM}"]


async def _ends() -> None:
    await asyncio.sleep(0.01)


async def _fails() -> None:
    await asyncio.sleep(0.05)
    raise ValueError("a defect")


def test_part_that_ends_by_itself_ends_the_process_loudly() -> None:
    process = Process()
    with pytest.raises(RuntimeError):
        process.run(process.work(), _ends())
    assert process.did == ["work ended"]


def test_part_that_fails_ends_the_process_with_its_error() -> None:
    process = Process()
    with pytest.raises(ValueError, match="a defect"):
        process.run(process.work(), _fails())


def test_part_may_end_while_the_process_leaves_but_not_fail() -> None:
    process = Process()
    leaving = asyncio.Event()

    async def leave() -> None:
        leaving.set()
        await asyncio.Event().wait()

    async def ends_when_leaving() -> None:
        await leaving.wait()
        process.did.append("ended")

    with pytest.raises(ValueError, match="a defect"):
        process.run(ends_when_leaving(), _fails(), told(signal.SIGTERM), leave=leave)
    assert process.did == ["ended"]
