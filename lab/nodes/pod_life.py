"""One pod from its binding to its end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

from lab.backoff import Backoff
from lab.nodes.environment import Placed
from lab.nodes.errors import NotYetError, UnsupportedError
from lab.nodes.probing import Ask, UnhealthyError, keep_readiness, watch_over
from lab.nodes.processes import RunningContainer, start_container
from lab.nodes.refusal import refuse
from lab.nodes.status import PodState, Running, Terminated, Waiting
from lab.nodes.surroundings import Surroundings
from lab.nodes.volumes import Volumes, uses
from webhook.kube.errors import ApiError, UnreachableError

T = TypeVar("T")

RESTARTS: Final = Backoff(first_seconds=0.2, factor=4.0, max_seconds=20.0, healthy_seconds=30.0)
"""A kubelet waits from 10 s to 5 min before the second restart of a container; nobody here has that long."""
VOLUME_RETRY_SECONDS: Final = 1.0
KILL_SECONDS: Final = 1.0
"""A killed process ends at once, unless it waits for a disk."""

log = structlog.get_logger()


class PodEndingError(Exception):
    """The pod is being deleted."""


class PodLife:
    def __init__(self, placed: Placed, volumes: Volumes, ask: Ask, around: Surroundings, state: PodState) -> None:
        self._placed = placed
        self._volumes = volumes
        self._ask = ask
        self._around = around
        self._state = state
        self._container: RunningContainer | None = None
        self._ending = asyncio.Event()
        self._hurry = asyncio.Event()
        self._kill_at = math.inf
        self._volumes_changed = asyncio.Event()

    def end(self, grace_seconds: float) -> None:
        """Someone deleted the pod, or is in a greater hurry now."""
        self._kill_at = min(self._kill_at, self._around.clock() + grace_seconds)
        self._ending.set()
        self._hurry.set()

    def vanished(self) -> None:
        """Deleted by force: nobody waits for the end any more, so it comes at once."""
        self.end(0.0)

    def volumes_changed(self, *, config_map: str = "", secret: str = "") -> None:
        if uses(self._placed.spec, config_map=config_map, secret=secret):
            self._volumes_changed.set()

    async def run(self) -> None:
        """Until the pod has been deleted and everything of it has ended."""
        reporting = asyncio.create_task(self._around.reporter.run())
        try:
            await self._live()
        except PodEndingError:
            pass
        except UnsupportedError as error:
            await refuse(error, self._around, self._state)
        await self._around.reporter.all_said()
        reporting.cancel()
        await self._ending.wait()
        await self._around.reporter.remove()

    async def _live(self) -> None:
        await self._unless_ending(self._make_volumes())
        refreshing = asyncio.create_task(self._keep_volumes_fresh())
        try:
            delay: float | None = None
            while True:
                began = self._around.clock()
                ended = await self._run_once()
                if not self._starts_again(ended):
                    self._say(state=ended, ready=False, final=True)
                    return
                delay = RESTARTS.after_crash(delay, self._around.clock() - began)
                await self._wait_before_restart(ended, delay)
        finally:
            refreshing.cancel()

    async def _run_once(self) -> Terminated:
        """Start the container and watch over it until it has ended."""
        self._container = container = await start_container(
            self._placed, self._volumes, self._around.directory, self._around.log
        )
        since = self._around.now()
        self._say(state=Running(since), started=False, ready=False)
        watching = asyncio.create_task(self._watch_over())
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({container.exited, watching, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not container.exited.done():
                await self._stop(container, watching)
        finally:
            for task in (watching, ending):
                task.cancel()
            await asyncio.gather(watching, ending, return_exceptions=True)
        code = await container.exited
        log.info("container ended", pod=self._placed.pod.metadata.name, code=code)
        return Terminated(code, since, self._around.now())

    async def _stop(self, container: RunningContainer, watching: asyncio.Task[None]) -> None:
        """Because the pod ends, or because a probe found the container unhealthy."""
        if watching.done():
            error = watching.exception()
            if not isinstance(error, UnhealthyError):
                raise error or RuntimeError("probes end only by failing")
            await self._around.event("Warning", "Unhealthy", f"{error}; the container is started again")
        watching.cancel()
        keeping = asyncio.create_task(keep_readiness(self._placed.spec.container, self._ask, self._ready))
        container.terminate()
        try:
            await self._within_grace(container)
        finally:
            keeping.cancel()

    async def _within_grace(self, container: RunningContainer) -> None:
        allowed_until = self._around.clock() + self._placed.spec.termination_grace_period_seconds
        while not container.exited.done():
            left = min(allowed_until, self._kill_at) - self._around.clock()
            if left <= 0:
                log.info("grace period is over", pod=self._placed.pod.metadata.name)
                container.kill()
                left = KILL_SECONDS
            self._hurry.clear()
            hurrying = asyncio.create_task(self._hurry.wait())
            await asyncio.wait({container.exited, hurrying}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            hurrying.cancel()

    async def _watch_over(self) -> None:
        async def failed(message: str) -> None:
            await self._around.event("Warning", "Unhealthy", message)

        await watch_over(
            self._placed.spec.container,
            self._ask,
            started=lambda: self._say(started=True),
            ready=self._ready,
            failed=failed,
        )

    def _ready(self, ready: bool) -> None:
        self._say(ready=ready)

    def _starts_again(self, ended: Terminated) -> bool:
        if self._ending.is_set():
            return False
        policy = self._placed.spec.restart_policy
        return policy == "Always" or (policy == "OnFailure" and not ended.succeeded)

    async def _wait_before_restart(self, ended: Terminated, delay: float) -> None:
        message = f"back-off {delay:g} s restarting failed container"
        self._say(
            state=Waiting("CrashLoopBackOff", message), last=ended, restarts=self._state.restarts + 1, ready=False
        )
        try:
            await self._unless_ending(asyncio.sleep(delay))
        except PodEndingError:
            self._say(state=ended, final=True)
            raise

    async def _make_volumes(self) -> None:
        told: str | None = None
        while True:
            try:
                await self._volumes.write()
            except (NotYetError, ApiError, UnreachableError) as error:
                if str(error) != told:
                    told = str(error)
                    await self._around.event("Warning", "FailedMount", told)
                await asyncio.sleep(VOLUME_RETRY_SECONDS)
            else:
                return

    async def _keep_volumes_fresh(self) -> None:
        while True:
            await _set_or_after(self._volumes_changed, self._volumes.seconds_until_stale())
            self._volumes_changed.clear()
            try:
                changed = await self._volumes.write()
            except (NotYetError, ApiError, UnreachableError) as error:
                log.warning("volumes stay as they are", pod=self._placed.pod.metadata.name, error=str(error))
                await asyncio.sleep(VOLUME_RETRY_SECONDS)
                self._volumes_changed.set()
            else:
                if changed:
                    log.info("volumes changed", pod=self._placed.pod.metadata.name, volumes=",".join(changed))

    async def _unless_ending(self, step: Coroutine[Any, Any, T]) -> T:
        """Raises PodEndingError when the pod is deleted before the step is done."""
        stepping = asyncio.ensure_future(step)
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({stepping, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not stepping.done():
                raise PodEndingError
            return stepping.result()
        finally:
            stepping.cancel()
            ending.cancel()

    def _say(self, **changes: Any) -> None:
        self._state = self._state.becoming(self._around.now(), **changes)
        self._around.reporter.say(self._state)


async def _set_or_after(event: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
