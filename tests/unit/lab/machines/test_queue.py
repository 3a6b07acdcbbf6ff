from __future__ import annotations

import asyncio

from lab.machines.queue import KeyQueue


async def test_key_added_twice_is_taken_once() -> None:
    queue: KeyQueue[str] = KeyQueue()
    queue.add("a")
    queue.add("a")
    queue.add("b")
    assert [await queue.take(), await queue.take()] == ["a", "b"]


async def test_key_added_during_its_pass_comes_again_only_afterwards() -> None:
    queue: KeyQueue[str] = KeyQueue()
    queue.add("a")
    await queue.take()
    queue.add("a")
    queue.add("b")
    assert await queue.take() == "b"
    queue.done("a")
    assert await queue.take() == "a"


async def test_delayed_key_comes_after_its_delay() -> None:
    queue: KeyQueue[str] = KeyQueue()
    queue.add_after("a", 60)
    queue.add_after("a", 0.001)
    async with asyncio.timeout(30):
        assert await queue.take() == "a"
