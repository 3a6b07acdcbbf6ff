"""What happened to guests' file systems, one JSON object per line, for tests and for people to read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec


class GuestEvent(StrEnum):
    FROZEN = "frozen"
    THAWED = "thawed"
    AUTO_THAWED = "auto-thawed"
    """By the deadline given with the freeze, or because the machine stopped running."""


class GuestRecord(msgspec.Struct, frozen=True):
    time: datetime
    namespace: str
    machine: str
    event: GuestEvent
    frozen_seconds: float = 0.0
    """How long it had been frozen; 0 for a freeze."""


class GuestLog:
    def __init__(self, file: Path) -> None:
        self._file = file

    def append(self, record: GuestRecord) -> None:
        with self._file.open("ab") as file:
            file.write(msgspec.json.encode(record) + b"\n")


def read_guest_log(file: Path) -> list[GuestRecord]:
    """All records, oldest first; none when nothing was ever frozen."""
    if not file.exists():
        return []
    return [msgspec.json.decode(line, type=GuestRecord) for line in file.read_bytes().splitlines()]
