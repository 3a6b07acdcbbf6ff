"""An event loop whose clock jumps to whatever comes next, so that a minute of waiting takes no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class NothingWillHappenError(Exception):
    """Every task waits, and for nothing that has a time."""


TURNS_WITHOUT_TIME: Final = 1000
SHORTEST_STEP_SECONDS: Final = 1e-6


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Starts at 0. No sockets: nothing outside moves this clock."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._turns = 0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self._seconds

    def jump(self, seconds: float) -> None:
        """Code that waits for what is left by another clock may ask for steps that a float does not show.

        Real time goes on all the same, so after many turns without a step this does too.
        """
        before = self._seconds
        self._seconds += seconds if self._turns < TURNS_WITHOUT_TIME else max(seconds, SHORTEST_STEP_SECONDS)
        self._turns = 0 if self._seconds > before else self._turns + 1


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingWillHappenError
        self._loop.jump(timeout)
        return super().select(0)


def now() -> float:
    return asyncio.get_running_loop().time()


def in_virtual_time(scenario: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """Makes a test of a coroutine function, on a loop of its own."""

    @wraps(scenario)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(scenario(*args, **kwargs))

    return run
