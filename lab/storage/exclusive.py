import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakValueDictionary

Result = TypeVar("Result")


class Exclusive:
    """Blocking work in a thread, one at a time per key.

    A caller that gives up (the sidecars' deadlines) cannot stop a thread, so the work goes on to its end, and a retry
    waits for it and finds it done. CSI would also allow ABORTED, but then a copy longer than the deadline costs a
    back-off on top.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: set[asyncio.Task[object]] = set()

    async def run(
        self, key: str, work: Callable[[], Result], *, before: Callable[[], Awaitable[None]] | None = None
    ) -> Result:
        """`before` is awaited in the turn of this caller, and its exception is the answer."""
        task = asyncio.create_task(self._run(key, work, before))
        self._running.add(task)  # the event loop itself holds tasks only weakly
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _run(self, key: str, work: Callable[[], Result], before: Callable[[], Awaitable[None]] | None) -> Result:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            if before is not None:
                await before()
            return await asyncio.to_thread(work)
