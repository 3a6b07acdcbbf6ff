from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from webhook.reconciler.queue import LONGEST_RETRY_SECONDS, Key, WorkQueue

A, B = Key("VirtualDiskSnapshot", "default", "a"), Key("VirtualDiskSnapshot", "default", "b")
HOUR = 3600.0


class SteppedLoop(asyncio.SelectorEventLoop):
    """Time stands still until a test moves it."""

    moment = 0.0

    def time(self) -> float:
        return self.moment


@pytest.fixture
def loop() -> Iterator[SteppedLoop]:
    stepped = SteppedLoop()
    yield stepped
    stepped.close()


@pytest.fixture
def queue() -> WorkQueue:
    return WorkQueue(jitter=lambda: 0.0)


def after(loop: SteppedLoop, seconds: float) -> None:
    loop.moment += seconds
    loop.run_until_complete(_turns())


async def _turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def test_key_asked_for_twice_waits_once(queue: WorkQueue) -> None:
    queue.add(A)
    queue.add(A)
    assert queue.depth == 1


def test_key_in_hand_is_given_to_nobody_else(queue: WorkQueue, loop: SteppedLoop) -> None:
    queue.add(A)
    assert loop.run_until_complete(queue.take()) == A
    queue.add(A)
    assert queue.depth == 0
    queue.done(A, again_after_seconds=None)
    assert queue.depth == 1


def test_keys_are_served_in_the_order_they_were_asked_for(queue: WorkQueue, loop: SteppedLoop) -> None:
    queue.add(B)
    queue.add(A)
    assert [loop.run_until_complete(queue.take()) for _ in range(2)] == [B, A]


def test_done_key_comes_back_when_it_wants_to(queue: WorkQueue, loop: SteppedLoop) -> None:
    queue.add(A)
    loop.run_until_complete(_served(queue, again_after_seconds=5))
    after(loop, 4.9)
    assert queue.depth == 0
    after(loop, 0.2)
    assert queue.depth == 1


@pytest.mark.parametrize("delays", [(5.0, HOUR), (HOUR, 5.0)])
def test_earliest_of_several_delays_wins(queue: WorkQueue, loop: SteppedLoop, delays: tuple[float, float]) -> None:
    loop.run_until_complete(_delayed(queue, *delays))
    after(loop, 5.1)
    assert queue.depth == 1


def test_pass_makes_the_delay_before_it_void(queue: WorkQueue, loop: SteppedLoop) -> None:
    loop.run_until_complete(_delayed(queue, 5.0))
    queue.add(A)
    loop.run_until_complete(_served(queue, again_after_seconds=None))
    after(loop, HOUR)
    assert queue.depth == 0


def test_failures_are_retried_ever_later_up_to_a_limit(queue: WorkQueue, loop: SteppedLoop) -> None:
    queue.add(A)
    waits = []
    for _ in range(20):
        loop.run_until_complete(_failed(queue))
        waited = 0.0
        while not queue.depth:
            after(loop, 0.05)
            waited += 0.05
        waits.append(waited)
    assert waits == sorted(waits)
    assert waits[0] < 0.2
    assert max(waits) <= LONGEST_RETRY_SECONDS


def test_success_forgets_the_failures(queue: WorkQueue, loop: SteppedLoop) -> None:
    queue.add(A)
    for _ in range(6):
        loop.run_until_complete(_failed(queue))
        after(loop, LONGEST_RETRY_SECONDS)
    loop.run_until_complete(_served(queue, again_after_seconds=0))
    after(loop, 0)
    loop.run_until_complete(_failed(queue))
    after(loop, 0.2)
    assert queue.depth == 1


def test_one_key_that_fails_holds_up_no_other(queue: WorkQueue, loop: SteppedLoop) -> None:
    queue.add(A)
    loop.run_until_complete(_failed(queue))
    queue.add(B)
    assert loop.run_until_complete(queue.take()) == B


async def _delayed(queue: WorkQueue, *delays: float) -> None:
    for delay in delays:
        queue.add_after(A, delay)


async def _served(queue: WorkQueue, *, again_after_seconds: float | None) -> None:
    queue.done(await queue.take(), again_after_seconds=again_after_seconds)


async def _failed(queue: WorkQueue) -> None:
    queue.failed(await queue.take())
