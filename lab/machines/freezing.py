"""Which guests are frozen, since when, and until when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from lab.machines.guest_log import GuestEvent, GuestLog, GuestRecord


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
        """Thawing what is not frozen is no error."""
        freeze = self._frozen.pop(uid, None)
        if freeze is not None:
            self._settle(freeze, event, self._clock())

    def thaw_expired(self) -> None:
        now = self._clock()
        for uid, freeze in list(self._frozen.items()):
            if freeze.deadline is not None and freeze.deadline <= now:
                self.thaw(uid, GuestEvent.AUTO_THAWED)

    async def run(self) -> None:
        """Thaw each guest at its deadline, also those whose deadline passed while nobody was running."""
        while True:
            self._rearm.clear()
            self.thaw_expired()
            try:
                async with asyncio.timeout(self._seconds_to_next_deadline()):
                    await self._rearm.wait()
            except TimeoutError:
                continue  # a deadline has come

    def _seconds_to_next_deadline(self) -> float | None:
        deadlines = [freeze.deadline for freeze in self._frozen.values() if freeze.deadline is not None]
        return max(0.0, (min(deadlines) - self._clock()).total_seconds()) if deadlines else None

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
