"""What is remembered of each machine beyond its object, as the hypervisor layer of the platform does."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec


class Power(StrEnum):
    ON = "on"
    OFF = "off"


class Instance(msgspec.Struct, frozen=True):
    power: Power | None = None
    """What an operation or a restore asked for; None while only the run policy decides."""
    restart_for: str = ""
    """The uid of the operation that asked for a restart, until the machine has stopped for it."""
    launched_with: dict[str, Any] | None = None
    """What takes a restart to change, as it was when the machine started; None while it is off."""


NEW: Final = Instance()


class Instances:
    """By the uid of the machine. On disk, because a machine keeps running while its controllers restart."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._instances = _read(file)

    def get(self, uid: str) -> Instance:
        return self._instances.get(uid, NEW)

    def change(self, uid: str, **members: Any) -> Instance:
        """The instance with these members replaced; durable when this returns."""
        before = self.get(uid)
        after = msgspec.structs.replace(before, **members)
        if after != before:
            self._instances[uid] = after
            self._write()
        return after

    def keep(self, uids: Collection[str]) -> None:
        """Forget all others."""
        living = {uid: instance for uid, instance in self._instances.items() if uid in uids}
        if len(living) < len(self._instances):
            self._instances = living
            self._write()

    def _write(self) -> None:
        temporary = self._file.with_suffix(".new")
        temporary.write_bytes(msgspec.json.encode(self._instances))
        temporary.rename(self._file)


def _read(file: Path) -> dict[str, Instance]:
    if not file.exists():
        return {}
    return msgspec.json.decode(file.read_bytes(), type=dict[str, Instance])
