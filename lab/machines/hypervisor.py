"""The seam to what machines run on: a simulation, or real guests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from lab.machines.kinds import Machine
from webhook.api.virtual_machine import Phase


@dataclass(frozen=True, slots=True)
class GuestDisk:
    name: str
    """Of its VirtualDisk."""
    handle: str
    """Of its volume; `""` while that is not known."""


class HypervisorError(Exception):
    """A machine cannot be brought to what it is due to be; another pass tries again."""


class Hypervisor(Protocol):
    """Machines are known by their uid. Whatever happens by itself makes a pass for its machine."""

    async def open(self, tasks: asyncio.TaskGroup) -> None:
        """First of all: find the guests that already run. `tasks` is for what goes on from now."""
        ...

    def seconds_left(self, machine: Machine) -> float | None:
        """Until it is up, or off: 0 when it is; None when nobody can tell, and a pass will be made then."""
        ...

    def ended_by_itself(self, machine: Machine) -> bool:
        """Whether a machine that runs according to its phase does not: its guest switched itself off, or died."""
        ...

    def switched_off_inside(self, machine: Machine) -> bool:
        """Whether it ended because its guest wanted to: a machine that is run by hand stays off then."""
        ...

    def agent_connected(self, machine: Machine) -> bool: ...

    async def bring_to(self, machine: Machine, phase: Phase, disks: Sequence[GuestDisk]) -> None:
        """Starting and Running: be on, with these disks. Stopping: ask the guest to end. Any other: be off, at once.

        May be repeated. Raises HypervisorError.
        """
        ...

    async def freeze(self, machine: Machine) -> None:
        """Returns when all file systems of the guest are frozen. Raises RefusedError; the guest is not frozen then."""
        ...

    async def thaw(self, uid: str) -> None:
        """Returns when the guest is thawed, or gone. Raises RefusedError when its agent does not answer."""
        ...

    async def keep(self, uids: Collection[str]) -> None:
        """Switch all others off and forget them: their machines are gone."""
        ...
