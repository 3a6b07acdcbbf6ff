"""Keeps one component running."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lab.backoff import Backoff
from lab.children import Child, Children, end
from lab.errors import LabError
from lab.paths import CHECKOUT
from lab.probes import until
from lab.process import Component

State = Literal["starting", "ready", "restarting", "stopped"]

READY_DEADLINE_SECONDS = 90.0
"""The API server of a loaded two-core machine has taken 25 s."""
CRASHES_BEFORE_FIRST_READY = 5
"""More than a component needs that gives up when another is not there yet; fewer than a typing error deserves."""

_INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
"""Not the proxies above all: Go would send calls to webhooks through them."""


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    name: str
    state: State
    pid: int | None
    """Inside the lab."""
    restarts: int
    last_exit: int | None


class Keeper:
    def __init__(
        self,
        component: Component,
        children: Children,
        logs: Path,
        changed: Callable[[], None],
        backoff: Backoff,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.component = component
        self._children = children
        self._log = logs / f"{component.name}.log"
        self._changed = changed
        self._backoff = backoff
        self._clock = clock
        self._child: Child | None = None
        self._state: State = "starting"
        self._restarts = 0
        self._last_exit: int | None = None
        self._first_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    @property
    def status(self) -> ComponentStatus:
        running = self._child if self._child is not None and not self._child.exited.done() else None
        return ComponentStatus(
            self.component.name, self._state, running.pid if running else None, self._restarts, self._last_exit
        )

    async def start(self) -> None:
        """Returns when the component is ready for the first time."""
        self._task = asyncio.create_task(self._keep())
        try:
            async with asyncio.timeout(READY_DEADLINE_SECONDS):
                await asyncio.shield(self._first_ready)
        except TimeoutError:
            raise LabError(self._complaint(f"is not ready after {READY_DEADLINE_SECONDS:.0f} s")) from None

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._child is not None:
            await end(self._child)
        self._enter("stopped")

    async def _keep(self) -> None:
        delay: float | None = None
        while True:
            started = self._clock()
            try:
                self._child = self._spawn()
            except OSError as error:
                self._first_ready.set_exception(LabError(f"{self.component.name} does not start: {error}"))
                return
            self._last_exit = await self._run(self._child)
            delay = self._backoff.after_crash(delay, self._clock() - started)
            self._restarts += 1
            if not self._first_ready.done() and self._restarts == CRASHES_BEFORE_FIRST_READY:
                self._first_ready.set_exception(LabError(self._complaint(f"ends at once (exit {self._last_exit})")))
                return
            self._enter("restarting")
            await asyncio.sleep(delay)

    def _spawn(self) -> Child:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return self._children.spawn(
            self.component.command,
            environment={**inherited, **self.component.environment},
            directory=CHECKOUT,
            output=self._log,
        )

    async def _run(self, child: Child) -> int:
        becoming_ready = asyncio.create_task(self._become_ready())
        try:
            return await asyncio.shield(child.exited)
        finally:
            becoming_ready.cancel()

    async def _become_ready(self) -> None:
        self._enter("starting")
        try:
            if self.component.ready is not None:
                await until(self.component.ready)
        except Exception as error:  # noqa: BLE001 - a probe is the component's own code, and its fault must reach `up`
            if not self._first_ready.done():
                self._first_ready.set_exception(error)
            return
        self._enter("ready")
        if not self._first_ready.done():
            self._first_ready.set_result(None)

    def _enter(self, state: State) -> None:
        self._state = state
        self._changed()

    def _complaint(self, what: str) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-15:]
        return "\n".join((f"{self.component.name} {what}; the end of its log:", *(f"    {line}" for line in lines)))
