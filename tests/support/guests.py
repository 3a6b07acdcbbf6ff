"""The machine side: guests that write unless they are off or frozen, and the truth about when they did."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tests.support import manifests
from tests.support.faults import Faults
from tests.support.object_store import ObjectStore
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.kube.errors import ApiError
from webhook.machines.driver import FreezeRefusedError
from webhook.reconciler.clock import condition_time

_OWN: Final = frozenset({"Running", "AgentReady", "FilesystemFrozen"})


@dataclass
class Guest:
    running: bool
    agent: bool
    frozen_until: datetime | None = None
    times_frozen: int = 0
    times_thawed: int = 0
    """Without those that it did by itself."""
    writes_since: int = 0
    """Raised whenever the guest becomes able to write: what was cut at one number was cut in one standstill."""
    frozen_at: datetime | None = None
    longest_freeze: timedelta = timedelta()
    switched_at: str = manifests.MOMENT

    @property
    def frozen(self) -> bool:
        return self.frozen_until is not None

    @property
    def writing(self) -> bool:
        return self.running and not self.frozen


class Guests:
    """A MachineDriver, and what a test does to machines."""

    def __init__(self, store: ObjectStore, clock: Callable[[], datetime], faults: Callable[[], Faults]) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._guests: dict[str, Guest] = {}
        self.shows_freezes = True
        """Whether the condition follows the guest by itself; else when the test calls `show`."""

    def __getitem__(self, name: str) -> Guest:
        return self._guests[name]

    def items(self) -> Iterable[tuple[str, Guest]]:
        return self._guests.items()

    def create(
        self, name: str, *, disks: Iterable[str], phase: str = "Running", agent: bool = True, **described: Any
    ) -> None:
        """`described` is what manifests.machine takes."""
        self._guests[name] = Guest(running=phase == "Running", agent=agent)
        body = manifests.machine(name, disks=disks, phase=phase, agent=agent, **described)
        self._store.create(VIRTUAL_MACHINE, body)
        for disk in (each["name"] for each in body["status"]["blockDeviceRefs"] if each["kind"] == "VirtualDisk"):
            self._attach(disk, name, mounted=phase == "Running")

    def knows(self, name: str) -> bool:
        return name in self._guests

    def adopt(self, name: str) -> None:
        """A machine that was made by someone else, and is off."""
        self._guests[name] = Guest(running=False, agent=True)

    def forget(self, name: str) -> None:
        del self._guests[name]

    def start(self, name: str) -> None:
        guest = self._guests[name]
        guest.running = True
        guest.writes_since += 1
        self._phase(name, "Running", mounted=True)

    def stop(self, name: str) -> None:
        self._end_freeze(self._guests[name])
        self._guests[name].running = False
        self._phase(name, "Stopped", mounted=False)

    def delete(self, name: str) -> None:
        del self._guests[name]
        self._store.delete(VIRTUAL_MACHINE, name)

    def detach(self, name: str, disk: str) -> None:
        machine = self._store.get(VIRTUAL_MACHINE, name)
        kept = [each for each in machine["spec"]["blockDeviceRefs"] if each["name"] != disk]
        shown = [each for each in machine["status"]["blockDeviceRefs"] if each["name"] != disk]
        change = {"spec": {"blockDeviceRefs": kept}, "status": {"blockDeviceRefs": shown}}
        self._store.patch(VIRTUAL_MACHINE, name, change)
        self._store.patch(VIRTUAL_DISK, disk, {"status": {"attachedToVirtualMachines": []}})

    def attach(self, name: str, disk: str) -> None:
        """Hot-plug."""
        self._guests[name].writes_since += 1
        machine = self._store.get(VIRTUAL_MACHINE, name)
        shown = [*machine["status"]["blockDeviceRefs"], manifests.device("VirtualDisk", disk, hotplugged=True)]
        self._store.patch(VIRTUAL_MACHINE, name, {"status": {"blockDeviceRefs": shown}})
        self._attach(disk, name, mounted=self._guests[name].running)

    def with_disk(self, disk: str) -> dict[str, Guest]:
        """Who has it, by the machines' own word."""
        return {
            name: guest
            for name, guest in self._guests.items()
            if any(each["name"] == disk for each in self._store.get(VIRTUAL_MACHINE, name)["status"]["blockDeviceRefs"])
        }

    async def freeze(self, namespace: str, name: str, *, seconds: float) -> None:
        faults = self._faults()
        fault = await faults.before(f"freeze {name}")
        guest = self._guests.get(name)
        if guest is None or not guest.running or not guest.agent or guest.frozen:
            raise FreezeRefusedError(f"{name} cannot be frozen now")
        self.freeze_from_elsewhere(name, seconds=math.ceil(seconds))
        faults.after(fault)

    async def thaw(self, namespace: str, name: str) -> None:
        faults = self._faults()
        fault = await faults.before(f"thaw {name}")
        guest = self._guests.get(name)
        if guest is not None and guest.running:
            if not guest.agent:
                raise ApiError(500, "InternalError", "guest agent is not connected")
            guest.times_thawed += guest.frozen
            self.thaw_from_elsewhere(name)
        faults.after(fault)

    def freeze_from_elsewhere(self, name: str, *, seconds: float = 3600) -> None:
        guest = self._guests[name]
        guest.frozen_at = self._clock()
        guest.frozen_until = guest.frozen_at + timedelta(seconds=seconds)
        guest.times_frozen += 1
        self._show(name)

    def thaw_from_elsewhere(self, name: str) -> None:
        guest = self._guests[name]
        self._end_freeze(guest)
        self._show(name)

    def thaw_expired(self) -> bool:
        expired = [
            name for name, each in self._guests.items() if each.frozen_until and each.frozen_until <= self._clock()
        ]
        for name in expired:
            self.thaw_from_elsewhere(name)
        return bool(expired)

    def next_deadline(self) -> datetime | None:
        return min((each.frozen_until for each in self._guests.values() if each.frozen_until), default=None)

    def show(self, name: str) -> None:
        """Let the condition FilesystemFrozen, and that of the agent, say what is."""
        guest = self._guests[name]
        present = self._store.get(VIRTUAL_MACHINE, name).get("status", {}).get("conditions", [])
        conditions = [each for each in present if each["type"] not in _OWN]
        conditions += [manifests.condition("Running", true=guest.running) | {"lastTransitionTime": guest.switched_at}]
        conditions += [manifests.condition("AgentReady", true=guest.agent)] if guest.running else []
        if guest.frozen_at is not None:
            frozen = manifests.condition("FilesystemFrozen", reason="Frozen")
            conditions.append(frozen | {"lastTransitionTime": condition_time(guest.frozen_at)})
        self._store.patch(VIRTUAL_MACHINE, name, {"status": {"conditions": conditions}})

    def _show(self, name: str) -> None:
        if self.shows_freezes:
            self.show(name)

    def _end_freeze(self, guest: Guest) -> None:
        if guest.frozen_at is not None:
            guest.longest_freeze = max(guest.longest_freeze, self._clock() - guest.frozen_at)
            guest.writes_since += 1
        guest.frozen_at = guest.frozen_until = None

    def _phase(self, name: str, phase: str, *, mounted: bool) -> None:
        self._guests[name].switched_at = condition_time(self._clock())
        machine = self._store.get(VIRTUAL_MACHINE, name)
        disks: list[Any] = [{**each, "attached": mounted} for each in machine["status"]["blockDeviceRefs"]]
        self._store.patch(VIRTUAL_MACHINE, name, {"status": {"phase": phase, "blockDeviceRefs": disks}})
        self.show(name)
        for disk in disks:
            self._attach(disk["name"], name, mounted=mounted)

    def _attach(self, disk: str, machine: str, *, mounted: bool) -> None:
        present = self._store.find(VIRTUAL_DISK, disk)
        if present is None:
            return
        users = [each for each in present["status"].get("attachedToVirtualMachines", []) if each["name"] != machine]
        users.append({"name": machine, "mounted": mounted})
        self._store.patch(VIRTUAL_DISK, disk, {"status": {"attachedToVirtualMachines": users}})
