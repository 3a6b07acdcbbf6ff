"""Machines that need nothing but time to start and stop, and guests that only write a counter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from lab.machines.annotations import freezing_seconds, has_agent, refuses_to_freeze
from lab.machines.freezing import Freezes
from lab.machines.guest import Guest, run_guests
from lab.machines.hypervisor import GuestDisk
from lab.machines.kinds import Machine
from lab.machines.power import STARTING_SECONDS, STOPPING_SECONDS
from lab.machines.refusal import internal_error
from lab.machines.stopwatch import Stopwatch
from lab.machines.world import World
from lab.storage.layout import volume_image
from webhook.api.virtual_machine import Phase

FREEZING_SECONDS: Final = 0.03
"""A real agent took 40 to 110 ms (measured with QEMU); a delay at all is what lets requests overlap."""

_SECONDS: Final[dict[str, float]] = {Phase.STARTING: STARTING_SECONDS, Phase.STOPPING: STOPPING_SECONDS}


class SimulatedHypervisor:
    def __init__(
        self, world: World, freezes: Freezes, storage: Path, stopwatch: Stopwatch, clock: Callable[[], datetime]
    ) -> None:
        self._world = world
        self._freezes = freezes
        self._storage = storage
        self._stopwatch = stopwatch
        self._clock = clock

    async def open(self, tasks: asyncio.TaskGroup) -> None:
        tasks.create_task(run_guests(self._writing, self._clock))

    def seconds_left(self, machine: Machine) -> float:
        phase = machine.status.phase
        elapsed = self._stopwatch.seconds_in(machine.metadata.uid, phase)
        return max(0.0, _SECONDS.get(phase, 0.0) - elapsed)

    def ended_by_itself(self, _: Machine) -> bool:
        return False

    def switched_off_inside(self, _: Machine) -> bool:
        return False

    def agent_connected(self, machine: Machine) -> bool:
        return has_agent(machine)

    async def bring_to(self, machine: Machine, phase: Phase, disks: Sequence[GuestDisk]) -> None:
        """Nothing: the guests that write are those of the machines that run by their status."""

    async def freeze(self, machine: Machine) -> None:
        if not has_agent(machine):
            raise internal_error("guest agent is not connected")
        if refuses_to_freeze(machine):
            raise internal_error("guest-fsfreeze-freeze: failed to freeze the file systems")
        await asyncio.sleep(freezing_seconds(machine, FREEZING_SECONDS))

    async def thaw(self, uid: str) -> None:
        """Nothing: a guest writes again as soon as it is no longer noted as frozen."""

    async def keep(self, uids: Collection[str]) -> None:
        self._stopwatch.keep(uids)

    def _writing(self) -> Sequence[Guest]:
        return [
            Guest(
                machine.metadata.name,
                tuple(volume_image(self._storage, handle) for handle in self._world.volume_handles(machine)),
            )
            for machine in self._world.machines.all()
            if machine.status.phase == Phase.RUNNING and not self._freezes.is_frozen(machine.metadata.uid)
        ]
