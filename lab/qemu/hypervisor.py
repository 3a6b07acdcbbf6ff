"""Runs machines as QEMU guests."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from lab.machines.freezing import Freezes
from lab.machines.guest_log import GuestEvent
from lab.machines.hypervisor import GuestDisk, HypervisorError
from lab.machines.kinds import Machine
from lab.machines.refusal import internal_error
from lab.qemu.agent import AgentError
from lab.qemu.command_line import asked_of_guest, command_line
from lab.qemu.disks import DiskImage, disk_image, ensure_file_system
from lab.qemu.files import GuestRecord, guest_files, recorded_guests
from lab.qemu.guest import QemuGuest, kill_processes_with
from lab.qemu.packages import program
from webhook.api.virtual_machine import Phase

RETRY_SECONDS: Final = 1.0

log = structlog.get_logger()


class QemuHypervisor:
    """A guest outlives the process that started it: whoever comes next takes it over."""

    def __init__(
        self,
        *,
        image: Path,
        state: Path,
        sockets: Path,
        storage: Path,
        freezes: Freezes,
        changed: Callable[[str, str], None],
    ) -> None:
        """`changed` is called with the namespace and the name of a machine of which something is to be noted."""
        self._image = image
        self._state = state
        self._sockets = sockets
        self._storage = storage
        self._freezes = freezes
        self._changed = changed
        self._guests: dict[str, QemuGuest] = {}
        self._unsure: set[str] = set()
        """Guests that may freeze, or be frozen, although nobody was told so."""
        self._tasks: asyncio.TaskGroup | None = None

    async def open(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._sockets.mkdir(parents=True, exist_ok=True)
        for record in recorded_guests(self._state):
            guest = self._guest(record)
            if await guest.take_over():
                self._guests[record.uid] = guest
                tasks.create_task(guest.follow())
            else:
                kill_processes_with(str(guest.files.monitor))  # started a moment before its controller died
        # Before anyone may ask for a freeze: it could not be told from one that is over.
        await asyncio.gather(*(self._agree_on_freeze(uid, guest) for uid, guest in self._guests.items()))

    def seconds_left(self, machine: Machine) -> float | None:
        guest = self._guests.get(machine.metadata.uid)
        runs = guest is not None and not guest.ended
        match machine.status.phase:
            case Phase.STARTING:
                return 0.0 if runs else None
            case Phase.STOPPING:
                return None if runs else 0.0
            case _:
                return 0.0

    def ended_by_itself(self, machine: Machine) -> bool:
        guest = self._guests.get(machine.metadata.uid)
        return machine.status.phase == Phase.RUNNING and (guest is None or guest.ended)

    def switched_off_inside(self, machine: Machine) -> bool:
        guest = self._guests.get(machine.metadata.uid)
        return self.ended_by_itself(machine) and guest is not None and guest.switched_off_inside

    def agent_connected(self, machine: Machine) -> bool:
        guest = self._guests.get(machine.metadata.uid)
        return guest is not None and guest.agent_connected

    async def bring_to(self, machine: Machine, phase: Phase, disks: Sequence[GuestDisk]) -> None:
        guest = self._guests.get(machine.metadata.uid)
        runs = guest is not None and not guest.ended
        if phase == Phase.STARTING and not runs:
            await self._launch(machine, disks)
        elif guest is None or not runs:
            if phase not in {Phase.STARTING, Phase.RUNNING, Phase.STOPPING}:
                self._guests.pop(machine.metadata.uid, None)
        elif phase == Phase.RUNNING:
            await self._plug(guest, disks)
        elif phase in {Phase.STOPPING, Phase.TERMINATING}:
            self._stop(guest)
        elif phase != Phase.STARTING:
            await guest.kill()

    async def freeze(self, machine: Machine) -> None:
        guest = self._guests.get(machine.metadata.uid)
        if guest is None or not guest.agent_connected or guest.stopping is not None:
            raise internal_error("guest agent is not connected")
        if machine.metadata.uid in self._unsure:
            raise internal_error("guest agent has not answered since an earlier freeze")
        try:
            await guest.freeze()
        except AgentError as error:
            raise internal_error(str(error)) from error
        except TimeoutError as error:
            self._make_sure_of_thaw(guest)
            raise internal_error("guest agent does not answer; the guest is thawed as soon as it does") from error

    async def thaw(self, uid: str) -> None:
        guest = self._guests.get(uid)
        if guest is None or guest.ended:
            return
        try:
            await guest.thaw()
        except (AgentError, TimeoutError) as error:
            if not guest.ended:
                raise internal_error(str(error) or "guest agent does not answer") from error

    async def keep(self, uids: Collection[str]) -> None:
        for uid, guest in list(self._guests.items()):
            if uid not in uids:
                self._stop(guest)
                if guest.ended:
                    self._guests.pop(uid, None)
                    shutil.rmtree(guest.files.directory, ignore_errors=True)

    def _guest(self, record: GuestRecord) -> QemuGuest:
        files = guest_files(self._state, self._sockets, record.uid)
        return QemuGuest(files, lambda: self._changed(record.namespace, record.machine))

    async def _launch(self, machine: Machine, disks: Sequence[GuestDisk]) -> None:
        metadata = machine.metadata
        images = [disk_image(disk, self._storage) for disk in disks]
        for image in images:
            await ensure_file_system(image.path)
        record = GuestRecord(metadata.uid, metadata.namespace, metadata.name)
        guest = self._guest(record)
        guest.files.directory.mkdir(parents=True, exist_ok=True)
        guest.files.record.write_bytes(msgspec.json.encode(record))
        qemu = program("qemu-system-x86_64")
        if qemu is None:
            raise HypervisorError("qemu-system-x86_64 is gone")
        asked = asked_of_guest(machine, len(images))
        await guest.launch(command_line(qemu, self._image, guest.files, images, asked), images)
        self._guests[metadata.uid] = guest
        self._create_task(guest.follow())
        self._changed(metadata.namespace, metadata.name)

    async def _plug(self, guest: QemuGuest, disks: Sequence[GuestDisk]) -> None:
        wanted = {image.path: image for image in self._hotplugged(disks)}
        for disk in list(guest.disks.values()):
            if disk.hotplugged and disk.path not in wanted:
                await guest.unplug(disk)
        plugged = {disk.path for disk in guest.disks.values()}
        for disk in wanted.values():
            if disk.path not in plugged:
                await ensure_file_system(disk.path)
                await guest.plug(disk)

    def _hotplugged(self, disks: Sequence[GuestDisk]) -> list[DiskImage]:
        """As if all of them were: those that the guest has from the start are plugged in already."""
        return [disk_image(disk, self._storage, hotplugged=True) for disk in disks if disk.handle]

    def _stop(self, guest: QemuGuest) -> None:
        if guest.stopping is None:
            guest.stopping = self._create_task(guest.shut_down())

    async def _agree_on_freeze(self, uid: str, guest: QemuGuest) -> None:
        """What was noted is what was told: a freeze that was not noted is nobody's, one that is over must not count."""
        if not self._freezes.is_frozen(uid):
            self._make_sure_of_thaw(guest)
            return
        try:
            frozen = await guest.is_frozen()
        except (AgentError, TimeoutError):
            return  # it stays as it was noted: there is a deadline
        if not frozen:
            self._freezes.thaw(uid, GuestEvent.AUTO_THAWED)

    def _make_sure_of_thaw(self, guest: QemuGuest) -> None:
        self._unsure.add(guest.files.uid)
        self._create_task(self._thaw_until_sure(guest))

    async def _thaw_until_sure(self, guest: QemuGuest) -> None:
        while not guest.ended:
            try:
                await guest.thaw()
                break
            except (AgentError, TimeoutError) as error:
                log.warning("guest is not thawed yet", uid=guest.files.uid, reason=str(error) or "no answer")
                await asyncio.sleep(RETRY_SECONDS)
        self._unsure.discard(guest.files.uid)

    def _create_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """What fails in a way that nobody foresaw ends the process, and the next one takes the guests over."""
        if self._tasks is None:
            raise RuntimeError("the hypervisor was not opened")
        return self._tasks.create_task(work)
