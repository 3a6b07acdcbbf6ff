"""Leader election by Lease: work that runs in one process at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from webhook.api.decoding import UndecodableError
from webhook.kube.errors import AlreadyExistsError, ApiError, ConflictError, ForbiddenError, UnreachableError
from webhook.kube.lease import Lease, LeaseLock, TakenError
from webhook.kube.watchdog import Watchdog

JITTER: Final = 1.2
"""Of the retry period, for those who wait, so that they do not all ask at once (client-go, JitterFactor)."""

_log = structlog.get_logger()


class LeadershipObserver(Protocol):
    def leading(self, leading: bool) -> None:
        """Whether work is running here."""
        ...


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A state of the lease, and when we first saw it. The time its holder wrote may be anything, so it is not read."""

    lease: Lease
    at: float
    standard_seconds: int
    """For a lease that does not say how long it lasts."""

    def blocks(self, identity: str, now: float) -> bool:
        """Whether whoever holds it may still be at work. How long that is, only its holder knows."""
        spec = self.lease.spec
        lasts = spec.lease_duration_seconds or self.standard_seconds
        return spec.holder_identity not in {"", identity} and now < self.at + lasts


@dataclass(slots=True)
class _Term:
    """One leadership: the lease as we last wrote it, and when we sent that."""

    held: Lease
    renewed_at: float


class Elector:
    """Competes for one lease. `clock` is monotonic, `random` gives numbers in [0, 1).

    A leader counts from when it sent its last successful renewal, everybody else from when they saw it, which is later
    by any clock. Before others may take the lease, work here has ended, or the watchdog has ended the process.
    """

    def __init__(
        self,
        lock: LeaseLock,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        watchdog: Watchdog,
        observer: LeadershipObserver,
    ) -> None:
        self._lock = lock
        self._settings = lock.settings
        self._clock = clock
        self._random = random
        self._watchdog = watchdog
        self._observer = observer
        self._sighting: _Sighting | None = None
        self._last_error = ""
        self._log = _log.bind(lease=f"{lock.namespace}/{lock.name}", identity=lock.identity)

    async def lead(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work` while the lease is ours, anew for each term.

        When the lease is lost, work is cancelled and its end awaited; what the API server or the network does never
        ends the candidacy. It ends when work does: with what work raised, in an ExceptionGroup. Then, and when
        cancelled, the lease is released.
        """
        while True:
            term = await self._acquire()
            self._log.info("leading")
            try:
                ended = await self._serve(term, work)
            finally:
                await self._release(term)
            if ended:
                return

    async def _acquire(self) -> _Term:
        while True:
            with self._noted():
                term = await self._try_to_acquire()
                if term is not None:
                    return term
            await asyncio.sleep(self._settings.retry_seconds * (1 + JITTER * self._random()))

    async def _try_to_acquire(self) -> _Term | None:
        present = await self._lock.read()
        self._see(present)
        # Also when the lease is gone: whoever held it may not know yet.
        if self._sighting is not None and self._sighting.blocks(self._lock.identity, self._clock()):
            return None
        sent_at = self._clock()
        try:
            held = await self._lock.claim(present)
        except (ConflictError, AlreadyExistsError):  # another was faster; the next look tells who
            return None
        return _Term(held, sent_at) if self._good_since(sent_at) else None

    def _see(self, present: Lease | None) -> None:
        """The time counts from the answer on: what it tells may have been written just before."""
        known = self._sighting
        if present is None or (known and known.lease.metadata.resource_version == present.metadata.resource_version):
            return
        self._sighting = _Sighting(present, self._clock(), self._settings.lease_seconds)
        if known is None or known.lease.spec.holder_identity != present.spec.holder_identity:
            self._log.info("lease seen", leader=present.spec.holder_identity or "nobody")

    def _good_since(self, sent_at: float) -> bool:
        """False when the answer came so late that what was claimed is not worth anything any more."""
        now = self._clock()
        if now >= sent_at + self._settings.renew_deadline_seconds:
            return False
        self._watchdog.arm(sent_at + self._settings.lease_seconds - self._settings.margin_seconds - now)
        return True

    async def _serve(self, term: _Term, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Whether work ended by itself. However this ends, work has."""
        try:
            self._observer.leading(True)
            # A TaskGroup does not let go of its tasks before they have ended, whoever cancels it and how often.
            async with asyncio.TaskGroup() as tasks:
                working = tasks.create_task(work(), name=f"work under lease {self._lock.name}")
                renewing = tasks.create_task(self._renew(term), name=f"renew lease {self._lock.name}")
                await self._until_over(term, {working, renewing})
                ended = working.done()
                working.cancel()
                renewing.cancel()
        finally:
            self._watchdog.disarm()
            self._observer.leading(False)
            self._log.info("not leading any more")
        return ended

    async def _until_over(self, term: _Term, tasks: set[asyncio.Task[None]]) -> None:
        """Until one of these ends, or the lease has not been renewed for too long, whatever hangs."""
        settings = self._settings
        while (left := term.renewed_at + settings.renew_deadline_seconds - self._clock()) > 0:
            # In short waits: timers stand still while the machine sleeps, and `clock` may not.
            wait = min(left, settings.retry_seconds)
            ended, _ = await asyncio.wait(tasks, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if ended:
                return
        self._log.warning("lease not renewed in time", seconds=settings.renew_deadline_seconds, error=self._last_error)

    async def _renew(self, term: _Term) -> None:
        """Until the lease is another's."""
        sent_at = term.renewed_at
        while True:
            await asyncio.sleep(sent_at + self._settings.retry_seconds - self._clock())
            sent_at = self._clock()
            try:
                with self._noted():
                    term.held = await self._lock.renew(term.held)
                    if self._good_since(sent_at):
                        term.renewed_at = sent_at
            except TakenError as error:
                self._log.warning("lease lost", reason=str(error))
                return

    async def _release(self, term: _Term) -> None:
        try:
            with self._noted():
                await self._lock.release(term.held)
        except TakenError as error:
            self._log.info("lease not released", reason=str(error))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """What the API server or the network does is logged when it is news; the next try may go better."""
        try:
            yield
        except (ApiError, UnreachableError, UndecodableError) as error:
            if str(error) != self._last_error:
                self._log.warning("lease call failed", error=str(error), **_remedy(error, self._lock.namespace))
            self._last_error = str(error)
        else:
            self._last_error = ""


def _remedy(error: Exception, namespace: str) -> dict[str, str]:
    if not isinstance(error, ForbiddenError):
        return {}
    return {"remedy": f"allow get, create and patch of leases.coordination.k8s.io in namespace {namespace}"}
