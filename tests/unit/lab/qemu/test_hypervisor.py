"""What becomes of guests when the process that runs them dies, and when their agents do not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from lab.machines.freezing import Freezes
from lab.machines.guest_log import GuestLog
from lab.machines.refusal import RefusedError
from lab.qemu import hypervisor as module
from lab.qemu.agent import AgentError
from lab.qemu.files import GuestFiles, GuestRecord, guest_files
from lab.qemu.hypervisor import QemuHypervisor
from tests.support.machine_side import machine
from webhook.api.virtual_machine import Phase

UID = "uid-of-vm"


@dataclass
class Guest:
    """Of `QemuGuest` what the hypervisor uses."""

    files: GuestFiles
    running: bool = True
    frozen: bool = False
    answers: bool = True
    ended: bool = False
    agent_connected: bool = True
    switched_off_inside: bool = False
    stopping: asyncio.Task[None] | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def take_over(self) -> bool:
        return self.running

    async def follow(self) -> None:
        await self.over.wait()
        self.ended = True

    async def shut_down(self) -> None:
        self.over.set()

    async def kill(self) -> None:
        self.over.set()

    async def freeze(self) -> None:
        self.frozen = True
        if not self.answers:
            raise TimeoutError

    async def thaw(self) -> None:
        if await self.is_frozen():
            self.frozen = False

    async def is_frozen(self) -> bool:
        if not self.answers:
            raise AgentError("no answer")
        return self.frozen


@dataclass
class Bench:
    hypervisor: QemuHypervisor
    freezes: Freezes
    guest: Guest
    tasks: asyncio.TaskGroup

    def seen_frozen(self) -> bool:
        return self.guest.frozen

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0.005)


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """A guest of machine `vm` runs already; nobody has looked for it yet."""
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    files = guest_files(tmp_path, tmp_path / "run", UID)
    files.directory.mkdir(parents=True)
    files.record.write_bytes(msgspec.json.encode(GuestRecord(UID, "default", "vm")))
    guest = Guest(files)
    monkeypatch.setattr(module, "QemuGuest", lambda _files, _changed: guest)
    log = GuestLog(tmp_path / "log.jsonl")
    freezes = Freezes(tmp_path / "frozen.json", log, lambda: datetime.now(UTC), lambda _namespace, _name: None)
    hypervisor = QemuHypervisor(
        image=tmp_path,
        state=tmp_path,
        sockets=tmp_path / "run",
        storage=tmp_path,
        freezes=freezes,
        changed=lambda _namespace, _name: None,
    )
    async with asyncio.TaskGroup() as tasks:
        yield Bench(hypervisor, freezes, guest, tasks)
        guest.answers = True
        guest.over.set()


async def test_freeze_that_nobody_was_told_of_is_undone(bench: Bench) -> None:
    bench.guest.frozen = True
    await bench.hypervisor.open(bench.tasks)
    await bench.settle()
    assert not bench.guest.frozen


async def test_freeze_that_was_noted_goes_on(bench: Bench) -> None:
    bench.guest.frozen = True
    bench.freezes.freeze(UID, "default", "vm", timedelta(minutes=1))
    await bench.hypervisor.open(bench.tasks)
    await bench.settle()
    assert (bench.guest.frozen, bench.freezes.is_frozen(UID)) == (True, True)


async def test_freeze_that_ended_while_nobody_looked_no_longer_counts(bench: Bench) -> None:
    bench.freezes.freeze(UID, "default", "vm", timedelta(minutes=1))
    await bench.hypervisor.open(bench.tasks)
    assert not bench.freezes.is_frozen(UID)


async def test_guest_that_froze_too_late_is_thawed_and_not_frozen_again_before(bench: Bench) -> None:
    await bench.hypervisor.open(bench.tasks)
    await bench.settle()
    bench.guest.answers = False
    running = machine(phase="Running")
    with pytest.raises(RefusedError, match="does not answer"):
        await bench.hypervisor.freeze(running)
    with pytest.raises(RefusedError, match="earlier freeze"):
        await bench.hypervisor.freeze(running)
    assert bench.seen_frozen()
    bench.guest.answers = True
    await bench.settle()
    assert not bench.seen_frozen()
    await bench.hypervisor.freeze(running)


async def test_guest_on_its_way_down_is_not_frozen(bench: Bench) -> None:
    await bench.hypervisor.open(bench.tasks)
    await bench.hypervisor.bring_to(machine(phase="Running"), Phase.STOPPING, [])
    with pytest.raises(RefusedError):
        await bench.hypervisor.freeze(machine(phase="Running"))


async def test_machine_is_stopped_when_its_guest_has_ended_and_not_before(bench: Bench) -> None:
    await bench.hypervisor.open(bench.tasks)
    stopping = machine(phase="Stopping")
    assert bench.hypervisor.seconds_left(stopping) is None
    await bench.hypervisor.bring_to(stopping, Phase.STOPPING, [])
    await bench.settle()
    assert bench.hypervisor.seconds_left(stopping) == 0


async def test_guest_of_a_machine_that_is_gone_is_shut_down_and_forgotten(bench: Bench) -> None:
    await bench.hypervisor.open(bench.tasks)
    await bench.hypervisor.keep(set())
    await bench.settle()
    await bench.hypervisor.keep(set())
    assert bench.guest.ended
    assert not bench.guest.files.directory.exists()


async def test_running_machine_whose_guest_was_not_found_has_ended(bench: Bench) -> None:
    bench.guest.running = False
    await bench.hypervisor.open(bench.tasks)
    assert bench.hypervisor.ended_by_itself(machine(phase="Running"))
    assert not bench.hypervisor.switched_off_inside(machine(phase="Running"))


async def test_guest_that_switched_itself_off_is_told_from_one_that_died(bench: Bench) -> None:
    await bench.hypervisor.open(bench.tasks)
    bench.guest.switched_off_inside = True
    bench.guest.over.set()
    await bench.settle()
    assert bench.hypervisor.switched_off_inside(machine(phase="Running"))
