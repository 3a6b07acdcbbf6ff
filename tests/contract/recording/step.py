"""A step, and what steps are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.support.machines import disk_snapshot
from tests.support.manifests import Json

HOLD: Final = "example.com/hold"
"""A finalizer that nobody removes by himself."""
MERGE: Final = ("patch", "--type=merge")
TO_OTHER_DISK: Final = '--patch={"spec":{"virtualDiskName":"other"}}'


@dataclass(frozen=True, slots=True)
class Command:
    """Arguments of kubectl, and what it is given on its standard input."""

    arguments: tuple[str, ...]
    given: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One way in which a call can look different. What is called during `command` and `after` belongs to it."""

    name: str
    command: Command
    before: tuple[Command, ...] = ()
    takes_effect: Command | None = None
    """Fails until what came before has taken effect."""
    after: Command | None = None
    """Ends when what the command set off has happened."""
    fails: bool = False
    by_account: bool = False
    """By a service account with a real token instead of the lab's administrator."""


def kubectl(*arguments: str, given: Json | None = None) -> Command:
    return Command((*arguments, "-f", "-") if given is not None else arguments, given)


def create(name: str, **metadata: Any) -> Command:
    """A snapshot of the disk `data`."""
    return kubectl("create", given=described(disk_snapshot(name, "data"), **metadata))


def described(manifest: Json, **metadata: Any) -> Json:
    return manifest | {"metadata": manifest["metadata"] | metadata}
