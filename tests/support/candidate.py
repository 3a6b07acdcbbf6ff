"""A process that competes for a lease, with a clock, a cable and a life of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.support.lease_server import Cable, LeaseServer
from webhook.kube.client import Client
from webhook.kube.election import Elector
from webhook.kube.election_settings import STANDARD_ELECTION, ElectionSettings
from webhook.kube.lease import LeaseLock

EPOCH: Final = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)


@dataclass
class Candidate:
    """`rate` is how fast its clock runs, `wind_down_seconds` what its work takes to end once it is cancelled."""

    server: LeaseServer
    identity: str
    wall: Callable[[float], datetime] = lambda seconds: EPOCH + timedelta(seconds=seconds)
    rate: float = 1.0
    wind_down_seconds: float = 0.0
    random: Callable[[], float] = lambda: 0.5
    settings: ElectionSettings = STANDARD_ELECTION
    fails: Exception | None = None
    """What its work raises once `finish` is set."""
    worked: list[tuple[float, float]] = field(default_factory=list)
    """From when to when its work ran; work that still runs ends at infinity."""
    leading_told: list[bool] = field(default_factory=list)
    cancelled_at: float | None = None
    """When its work was last told to end."""
    died_at: float | None = None
    slept_seconds: float = 0.0
    """For how long its machine was suspended: its clock tells, its timers do not know."""

    def __post_init__(self) -> None:
        self.cable = Cable(self.server)
        self.finish = asyncio.Event()
        self.changed = asyncio.Event()
        self._fuse: asyncio.TimerHandle | None = None
        lock = LeaseLock(
            Client(self.cable),
            namespace="snapgate",
            name="leader",
            identity=self.identity,
            now=lambda: self.wall(self._loop.time()),
            settings=self.settings,
        )
        self.elector = Elector(lock, clock=self._clock, random=self.random, watchdog=self, observer=self)
        self.process = asyncio.ensure_future(self.elector.lead(self.work))

    async def work(self) -> None:
        started = self._loop.time()
        self.worked.append((started, float("inf")))
        self.changed.set()
        try:
            await self.finish.wait()
            if self.fails is not None:
                raise self.fails
        except asyncio.CancelledError:
            self.cancelled_at = self._loop.time()
            await asyncio.sleep(self.wind_down_seconds)
            raise
        finally:
            if self.died_at is None:
                self.worked[-1] = (started, self._loop.time())
                self.changed.set()

    async def until_working(self, seconds: float = 60.0) -> None:
        await self._until(lambda: self.working, seconds)

    async def until_idle(self, seconds: float = 60.0) -> None:
        await self._until(lambda: not self.working, seconds)

    @property
    def working(self) -> bool:
        return bool(self.worked) and self.worked[-1][1] == float("inf")

    async def stop(self) -> None:
        """SIGTERM."""
        self.process.cancel()
        await asyncio.wait([self.process])

    def die(self) -> None:
        """SIGKILL: nothing it does from now on reaches anybody."""
        if self.died_at is not None:
            return
        self.died_at = self._loop.time()
        self.cable.cut = True
        if self.working:
            self.worked[-1] = (self.worked[-1][0], self.died_at)
        self.changed.set()

    def arm(self, seconds: float) -> None:
        assert seconds > 0
        self.disarm()
        self._fuse = self._loop.call_later(seconds / self.rate, self.die)

    def disarm(self) -> None:
        if self._fuse is not None:
            self._fuse.cancel()
            self._fuse = None

    @property
    def armed(self) -> bool:
        return self._fuse is not None

    def leading(self, leading: bool) -> None:
        self.leading_told.append(leading)

    def _clock(self) -> float:
        return self._loop.time() * self.rate + self.slept_seconds

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    async def _until(self, true: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self.changed.clear()
                await self.changed.wait()


async def leader(server: LeaseServer, identity: str = "a", **given: Any) -> Candidate:
    started = Candidate(server, identity, **given)
    await started.until_working()
    return started
