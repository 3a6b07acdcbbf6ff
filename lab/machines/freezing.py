"""Which guests are frozen, since when, and until when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import structlog

from lab.machines.guest_log import GuestEvent, GuestLog, GuestRecord
from lab.machines.refusal import RefusedError

RETRY_SECONDS: Final = 1.0
"""After a guest whose deadline has passed could not be thawed."""

log = structlog.get_logger()


class Freeze(msgspec.Struct, frozen=True):
    namespace: str
    machine: str
    frozen_at: datetime
    deadline: datetime | None = None


class AlreadyFrozenError(Exception):
    """The agent refuses a second freeze; the deadline of the first one stays."""


class Freezes:
    """Frozen guests by the uid of their machine.

    On disk before anyone is told: in the platform the hypervisor keeps a guest frozen, and its deadline, while the
    controllers restart.
    """

    def __init__(
        self,
        file: Path,
        log: GuestLog,
        clock: Callable[[], datetime],
        changed: Callable[[str, str], None],
    ) -> None:
        """`changed` is called with the namespace and the name of a machine after it was frozen or thawed."""
        self._file = file
        self._log = log
        self._clock = clock
        self._changed = changed
        self._frozen = _read(file)
        self._being_thawed: set[str] = set()
        self._rearm = asyncio.Event()

    def is_frozen(self, uid: str) -> bool:
        return uid in self._frozen

    def uids(self) -> list[str]:
        return list(self._frozen)

    def freeze(self, uid: str, namespace: str, machine: str, thaw_after: timedelta) -> None:
        """A `thaw_after` of zero leaves the guest frozen until it is thawed. Raises AlreadyFrozenError."""
        if uid in self._frozen:
            raise AlreadyFrozenError
        now = self._clock()
        freeze = Freeze(namespace, machine, now, now + thaw_after if thaw_after else None)
        self._frozen[uid] = freeze
        self._settle(freeze, GuestEvent.FROZEN, now)

    def thaw(self, uid: str, event: GuestEvent = GuestEvent.THAWED) -> None:
        """Note that the guest is thawed. Thawing what is not frozen is no error."""
        freeze = self._frozen.pop(uid, None)
        if freeze is not None:
            self._settle(freeze, event, self._clock())

    def expired(self) -> list[str]:
        """The uids of those whose deadline has passed."""
        now = self._clock()
        return [uid for uid, deadline in self._deadlines().items() if deadline <= now]

    async def run(self, thaw_guest: Callable[[str], Awaitable[None]]) -> None:
        """Thaw each guest at its deadline, also those whose deadline passed while nobody was running.

        A guest that does not answer holds no other up, and is tried again until it is thawed or gone.
        """
        async with asyncio.TaskGroup() as thaws:
            while True:
                self._rearm.clear()
                for uid in self.expired():
                    self._being_thawed.add(uid)
                    thaws.create_task(self._thaw_expired(uid, thaw_guest))
                try:
                    async with asyncio.timeout(self._seconds_to_next_deadline()):
                        await self._rearm.wait()
                except TimeoutError:
                    continue  # a deadline has come

    async def _thaw_expired(self, uid: str, thaw_guest: Callable[[str], Awaitable[None]]) -> None:
        try:
            while uid in self._frozen:
                try:
                    await thaw_guest(uid)
                except RefusedError as refusal:
                    log.warning("guest is not thawed at its deadline", uid=uid, reason=str(refusal))
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    self.thaw(uid, GuestEvent.AUTO_THAWED)
        finally:
            self._being_thawed.discard(uid)

    def _seconds_to_next_deadline(self) -> float | None:
        deadlines = self._deadlines().values()
        return max(0.0, (min(deadlines) - self._clock()).total_seconds()) if deadlines else None

    def _deadlines(self) -> dict[str, datetime]:
        waiting = {uid: freeze for uid, freeze in self._frozen.items() if uid not in self._being_thawed}
        return {uid: freeze.deadline for uid, freeze in waiting.items() if freeze.deadline is not None}

    def _settle(self, freeze: Freeze, event: GuestEvent, now: datetime) -> None:
        temporary = self._file.with_suffix(".new")
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(self._frozen)))
        temporary.rename(self._file)
        seconds = (now - freeze.frozen_at).total_seconds()
        self._log.append(GuestRecord(now, freeze.namespace, freeze.machine, event, seconds))
        self._rearm.set()
        self._changed(freeze.namespace, freeze.machine)


def _read(file: Path) -> dict[str, Freeze]:
    if not file.exists():
        return {}
    return msgspec.json.decode(file.read_bytes(), type=dict[str, Freeze])
