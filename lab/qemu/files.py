"""Where a guest keeps what it needs while it runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec


class GuestRecord(msgspec.Struct, frozen=True):
    """Written before QEMU starts, so that whoever comes after a crash finds the guest."""

    uid: str
    namespace: str
    machine: str


@dataclass(frozen=True, slots=True)
class GuestFiles:
    directory: Path
    sockets: Path
    """Another directory: a socket's path must stay below 108 bytes."""
    uid: str

    @property
    def record(self) -> Path:
        return self.directory / "guest.json"

    @property
    def console(self) -> Path:
        """What the guest says, of all its boots."""
        return self.directory / "console.log"

    @property
    def output(self) -> Path:
        """What QEMU itself says."""
        return self.directory / "qemu.log"

    @property
    def monitor(self) -> Path:
        return self.sockets / f"{self._short}.monitor"

    @property
    def agent(self) -> Path:
        return self.sockets / f"{self._short}.agent"

    @property
    def _short(self) -> str:
        return hashlib.sha256(self.uid.encode()).hexdigest()[:12]


def guests_directory(state: Path) -> Path:
    """`state` is the directory of the lab's machines."""
    return state / "guests"


def guest_files(state: Path, sockets: Path, uid: str) -> GuestFiles:
    return GuestFiles(guests_directory(state) / uid, sockets, uid)


def recorded_guests(state: Path) -> list[GuestRecord]:
    found = sorted(guests_directory(state).glob("*/guest.json"))
    return [msgspec.json.decode(file.read_bytes(), type=GuestRecord) for file in found]
