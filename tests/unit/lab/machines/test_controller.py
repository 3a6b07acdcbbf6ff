from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from lab.machines.controller import Controller
from lab.machines.freezing import Freezes
from lab.machines.guest_log import GuestLog
from lab.machines.instances import Instances
from lab.machines.kinds import Machine
from lab.machines.queue import KeyQueue
from lab.machines.reconcilers import reconcilers
from lab.machines.simulated_hypervisor import SimulatedHypervisor
from lab.machines.stopwatch import Stopwatch
from lab.machines.world import World
from tests.support import machine_side
from tests.support.machine_side import claim, disk
from webhook.api.decoding import decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.reference import Reference
from webhook.api.storage import PersistentVolumeClaim
from webhook.api.virtual_disk import VirtualDisk
from webhook.kube.client import Client
from webhook.kube.errors import AlreadyExistsError, ApiError, ConflictError

T = TypeVar("T", bound=Object)
Write = tuple[str, str, Any]
BOUND_CLAIM = disk("root").claim_name


class ApiServer(Client):
    """Takes writes to objects it was shown, and answers as told."""

    def __init__(self, known: Mapping[str, bytes]) -> None:
        self.known = known
        self.writes: asyncio.Queue[Write] = asyncio.Queue()
        self.refusals: list[ApiError] = []

    async def get(self, kind: Kind[T], namespace: str, name: str) -> T:
        assert namespace == "default"
        return decode(kind, self.known[name])

    async def create(self, kind: Kind[T], body: Mapping[str, Any], *, namespace: str = "", **_: Any) -> T:
        self._take("create", kind, namespace, body)
        return decode(kind, msgspec.json.encode(body))

    async def merge_patch(
        self, kind: Kind[T], namespace: str, name: str, patch: Mapping[str, Any], *, subresource: str = "", **_: Any
    ) -> T:
        self._take(f"patch {subresource}".strip(), kind, namespace, patch)
        merged = msgspec.json.decode(self.known[name])
        merged["metadata"]["resourceVersion"] = "2"
        present = {member: value for member, value in patch.get("status", {}).items() if value is not None}
        return decode(kind, msgspec.json.encode(merged | {"status": present}))

    def _take(self, verb: str, kind: Kind[Any], namespace: str, body: Mapping[str, Any]) -> None:
        assert namespace == "default"
        self.writes.put_nowait((verb, kind.name, body))
        if self.refusals:
            raise self.refusals.pop(0)


@dataclass
class Side:
    api_server: ApiServer
    world: World
    freezes: Freezes

    async def write(self) -> Write:
        async with asyncio.timeout(30):
            return await self.api_server.writes.get()

    def show(self, *objects: VirtualDisk | Machine | PersistentVolumeClaim) -> None:
        for each in objects:
            key = (each.metadata.namespace, each.metadata.name)
            if isinstance(each, VirtualDisk):
                self.world.disks.upsert(key, each)
            elif isinstance(each, Machine):
                self.world.machines.upsert(key, each)
            else:
                self.world.claims.upsert(key, each)


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[Side]:
    queue: KeyQueue[Reference] = KeyQueue()
    shown = (in_class(), machine("vm"), machine("next"), bound_claim())
    known = {each.metadata.name: msgspec.json.encode(each) for each in shown}
    api_server = ApiServer(known)
    log = GuestLog(tmp_path / "log.jsonl")
    freezes = Freezes(tmp_path / "frozen.json", log, lambda: datetime.now(UTC), lambda _namespace, _name: None)
    instances = Instances(tmp_path / "instances.json")
    world = World(queue.add, instances.get)
    now = datetime(2026, 1, 2, tzinfo=UTC)
    hypervisor = SimulatedHypervisor(world, freezes, tmp_path, Stopwatch(lambda: 0.0), lambda: now)
    by_kind = await reconcilers(api_server, world, freezes, instances, queue, lambda: now, hypervisor)
    running = asyncio.create_task(Controller(by_kind, queue).run())
    yield Side(api_server, world, freezes)
    running.cancel()


def machine(name: str, **described: Any) -> Machine:
    """It names its address itself, so that none is made for it."""
    return machine_side.machine(name, spec={"virtualMachineIPAddressName": "given"}, **described)


def bound_claim() -> PersistentVolumeClaim:
    found = claim()
    return msgspec.structs.replace(found, metadata=msgspec.structs.replace(found.metadata, name=BOUND_CLAIM))


def in_class() -> VirtualDisk:
    return disk("root", spec={"persistentVolumeClaim": {"size": "1Gi", "storageClassName": "fast"}})


async def test_new_disk_gets_a_claim_and_says_that_it_is_being_provisioned(side: Side) -> None:
    side.show(in_class())
    verb, kind, _ = await side.write()
    assert (verb, kind) == ("create", "PersistentVolumeClaim")
    verb, kind, patch = await side.write()
    assert (verb, kind, patch["status"]["phase"]) == ("patch status", "VirtualDisk", "Provisioning")


async def test_claim_of_a_pass_that_was_cut_short_is_taken_over(side: Side) -> None:
    side.api_server.refusals.append(AlreadyExistsError(409, "AlreadyExists", "it exists"))
    side.show(in_class())
    await side.write()
    _, _, patch = await side.write()
    assert patch["status"]["phase"] == "Ready"


async def test_disk_that_already_says_what_is_so_is_not_written(side: Side) -> None:
    side.show(bound_claim(), in_class())
    assert (await side.write())[2]["status"]["phase"] == "Ready"
    side.show(machine("vm", disks=("other",)))
    assert (await side.write())[1] == "VirtualMachine"


async def test_write_that_lost_against_another_is_not_repeated_from_stale_facts(side: Side) -> None:
    side.api_server.refusals.append(ConflictError(409, "Conflict", "it changed"))
    side.show(bound_claim(), in_class())
    await side.write()
    side.show(machine("vm", disks=("other",)))
    assert (await side.write())[1] == "VirtualMachine"


async def test_machine_without_its_disk_is_pending(side: Side) -> None:
    side.show(machine("vm"))
    _, kind, patch = await side.write()
    assert (kind, patch["status"]["phase"]) == ("VirtualMachine", "Pending")


async def test_deleted_machine_is_frozen_no_longer(side: Side) -> None:
    side.show(machine("vm", phase="Running"))
    await side.write()
    side.freezes.freeze("uid-of-vm", "default", "vm", timedelta())
    side.world.machines.remove(("default", "vm"))
    side.show(machine("next"))
    await side.write()
    assert not side.freezes.is_frozen("uid-of-vm")
