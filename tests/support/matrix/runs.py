"""Operations on real machines, each with one fault, and whether everything ends as without it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lab.storage.layout import volume_image
from tests.support.faults import Fault
from tests.support.kubectl import Json
from tests.support.machines import attachment, disk, machine, machine_snapshot
from tests.support.matrix.reconciling import Reconciling
from tests.support.operations import clone, created_from, restore
from webhook.api.kind import Kind
from webhook.api.meta import condition
from webhook.api.namespace import NAMESPACE
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, PersistentVolume
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.vocabulary import OPERATION_UID, RESTORE_POWER_STATE
from webhook.kube.client import Client

DISKS: Final = ("root",)
"""Beside one that is plugged in. How several go together is for the cluster in memory, where writes cost nothing."""
SAVED: Final = os.urandom(4096)
LATER: Final = os.urandom(4096)
REFUSING: Final = "snapgate-matrix/refuses"
"""Label of namespaces in which nobody may give a machine its saved settings, unless by way of trial."""
_CAPTURED: Final = (*DISKS, "extra")
_BEYOND_THE_GUESTS_OWN: Final = 8192
_DEADLINE_SECONDS: Final = 150.0
_COPY: Final = {"nameSuffix": "-copy"}


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    kind: Kind[Any]
    body: Json
    ends: str
    bytes_of: Callable[[str], bytes]
    """What a disk holds at the end, by its name."""
    machine_off: bool = False
    refused: bool = False
    """Whether the API server refuses to give the machine its saved settings, after all."""


def _restored(_: str) -> bytes:
    return SAVED


def _untouched(_: str) -> bytes:
    return LATER


def _cloned(_: str) -> bytes:
    return LATER


def _copied(name: str) -> bytes:
    return SAVED if name.endswith("-copy") else LATER


OPERATIONS: Final = (
    Operation("restored", VIRTUAL_MACHINE_OPERATION, restore("op", "vm", "snap"), "Completed", _restored),
    Operation("undone", VIRTUAL_MACHINE_OPERATION, restore("op", "vm", "snap"), "Failed", _untouched, refused=True),
    Operation(
        "cloned",
        VIRTUAL_MACHINE_OPERATION,
        clone("op", "vm", customization=_COPY),
        "Completed",
        _cloned,
        machine_off=True,
    ),
    Operation(
        "created",
        VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
        created_from("op", "snap", customization=_COPY),
        "Completed",
        _copied,
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    operation: Operation
    strike: tuple[int, Fault] | None
    """The write at which it strikes, and the fault; None for the run that shows which writes there are."""


@dataclass(slots=True)
class Result:
    run: Run
    writes: list[str] = field(default_factory=list)
    struck_at: str = ""
    problems: list[str] = field(default_factory=list)


class Matrix:
    def __init__(self, admin: Client, reconciling: Reconciling, storage: Path) -> None:
        """`storage` is where the lab's driver keeps its volumes."""
        self._admin = admin
        self._reconciling = reconciling
        self._storage = storage
        self._numbers = iter(range(1, 1_000_000))

    async def all(
        self, runs: list[Run], *, at_once: int, done: Callable[[Result], None] = lambda _: None
    ) -> list[Result]:
        """`done` is told of each as it ends."""
        gate = asyncio.Semaphore(at_once)

        async def one(run: Run) -> Result:
            async with gate:
                result = await self._one(run)
            done(result)
            return result

        return list(await asyncio.gather(*(one(run) for run in runs)))

    async def _one(self, run: Run) -> Result:
        namespace, result = f"matrix-{next(self._numbers)}", Result(run)
        scene = Scene(self._admin, self._reconciling, self._storage, namespace, run.operation)
        life = self._reconciling.life(namespace)
        try:
            await scene.prepare()
            life.arm(run.strike)
            await scene.operate()
            result.problems = await scene.problems()
        except TimeoutError as error:
            result.problems = [f"waited in vain: {error}", *scene.wrong()]
        result.writes, result.struck_at = life.calls, life.struck_at
        life.armed = False
        await self._admin.delete(NAMESPACE, "", namespace)
        return result


class Scene:
    """One machine in a namespace of its own, with a snapshot, written to since."""

    def __init__(
        self, admin: Client, reconciling: Reconciling, storage: Path, namespace: str, operation: Operation
    ) -> None:
        self._admin = admin
        self._reconciling = reconciling
        self._storage = storage
        self._namespace = namespace
        self._operation = operation

    async def prepare(self) -> None:
        labels = {REFUSING: "true"} if self._operation.refused else {}
        await self._admin.create(NAMESPACE, {"metadata": {"name": self._namespace, "labels": labels}})
        for name in _CAPTURED:
            await self._create(VIRTUAL_DISK, disk(name, size="4Mi"))
        await self._create(VIRTUAL_MACHINE, machine("vm", DISKS))
        await self._create(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment("plug", "vm", "extra"))
        await self._until("the machine runs", self._is_ready_to_be_captured)
        await self._write(SAVED)
        await self._create(VIRTUAL_MACHINE_SNAPSHOT, machine_snapshot("snap", "vm"))
        await self._until("the snapshot is ready", lambda: self._phase(VIRTUAL_MACHINE_SNAPSHOT, "snap") == "Ready")
        await self._write(LATER)
        if self._changes_attachments:
            await self._create(VIRTUAL_DISK, disk("foreign", size="4Mi"))
            await self._create(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment("since", "vm", "foreign"))
            await self._until("it is plugged in", lambda: self._phase(*_SINCE) == "Attached")
        if self._operation.machine_off:
            patch = {"spec": {"runPolicy": "AlwaysOff"}}
            await self._admin.merge_patch(VIRTUAL_MACHINE, self._namespace, "vm", patch)
            await self._until("the machine is off", lambda: self._phase(VIRTUAL_MACHINE, "vm") == "Stopped")

    async def operate(self) -> None:
        operation = self._operation
        await self._create(operation.kind, operation.body)
        await self._until("the operation ends", lambda: self._phase(operation.kind, "op") in {"Completed", "Failed"})

    async def problems(self) -> list[str]:
        """Once all that goes by itself has gone."""
        try:
            await self._until("all is as it should be", lambda: not self.wrong())
        except TimeoutError:
            return [*self.wrong(), *await self._lost_volumes()]
        return await self._lost_volumes()

    def wrong(self) -> list[str]:
        return [*self._wrong_with_the_operation(), *self._wrong_with_machines(), *self._wrong_with_disks()]

    def _wrong_with_the_operation(self) -> Iterator[str]:
        operation = self._get(self._operation.kind, "op")
        if operation is None or operation.status.phase != self._operation.ends:
            yield f"the operation is {operation.status.phase if operation else 'gone'}"
            return
        if operation.metadata.finalizers:
            yield "the operation keeps its finalizer"
        if getattr(operation.status, "retained_volumes", ()):
            yield "the operation holds volumes"

    def _wrong_with_machines(self) -> Iterator[str]:
        found: VirtualMachine | None = self._get(VIRTUAL_MACHINE, "vm")
        if found is None:
            yield "the machine is gone"
            return
        should = "Stopped" if self._operation.machine_off else "Running"
        if found.status.phase != should:
            yield f"the machine is {found.status.phase}, not {should}"
        if {OPERATION_UID, RESTORE_POWER_STATE} & found.metadata.annotations.keys():
            yield "the machine is still marked"
        if condition(found.status.conditions, "Maintenance") is not None:
            yield "the machine stays in maintenance"
        if condition(found.status.conditions, "FilesystemFrozen") is not None:
            yield "the guest stays frozen"
        if self._copies and self._phase(VIRTUAL_MACHINE, "vm-copy") != should:
            yield f"the copy is {self._phase(VIRTUAL_MACHINE, 'vm-copy')}, not {should}"
        temporary = [name for name in self._names(VIRTUAL_MACHINE_SNAPSHOT) if name != "snap"]
        if temporary:
            yield f"{temporary} stay"

    def _wrong_with_disks(self) -> Iterator[str]:
        names = (*_CAPTURED, "foreign") if self._changes_attachments else _CAPTURED
        copies = self._copied_disks
        if set(self._names(VIRTUAL_DISK)) != {*names, *copies}:
            yield f"there are disks {sorted(self._names(VIRTUAL_DISK))}"
            return
        for name in (*_CAPTURED, *copies):
            if self._phase(VIRTUAL_DISK, name) != "Ready":
                yield f"{name} is {self._phase(VIRTUAL_DISK, name)}"
            elif self._claim_of(name) is None:
                yield f"{name} has no claim"
        if len(self._names(PERSISTENT_VOLUME_CLAIM)) != len(names) + len(copies):
            yield f"there are claims {self._names(PERSISTENT_VOLUME_CLAIM)}"
        if self._changes_attachments and (self._get(*_SINCE) is None) != (self._operation.name == "restored"):
            yield "the attachment that was made since is not as it should be"

    async def _lost_volumes(self) -> list[str]:
        """Read from the files of the storage, and from the volumes that there are."""
        wrong = []
        copies = self._copied_disks
        for name in (*_CAPTURED, *copies):
            found = await self._read(name)
            wanted = name.removesuffix("-copy").encode().ljust(64) + self._operation.bytes_of(name)
            if found != wanted:
                wrong.append(f"{name} holds other bytes")
        mine = {volume.metadata.name: volume for volume in await self._volumes()}
        wrong += [f"{name} is nobody's, {mine[name].status.phase}" for name in mine.keys() - self._claimed()]
        wrong += [
            f"{name} is kept" for name, each in mine.items() if each.spec.persistent_volume_reclaim_policy != "Delete"
        ]
        return wrong

    @property
    def _copies(self) -> bool:
        return self._operation.name in {"cloned", "created"}

    @property
    def _changes_attachments(self) -> bool:
        return not self._copies

    @property
    def _copied_disks(self) -> tuple[str, ...]:
        return tuple(f"{name}-copy" for name in _CAPTURED) if self._copies else ()

    async def _volumes(self) -> list[PersistentVolume]:
        """Those that were claimed here, once what was let go is gone: storage takes its time, and a volume counts as
        bound until its controller has noticed that the claim is gone."""
        for _ in range(300):
            found = [each for each in await self._admin.list(PERSISTENT_VOLUME) if self._is_ours(each)]
            claimed = self._claimed()
            if all(each.status.phase == "Bound" and each.metadata.name in claimed for each in found):
                return found
            await asyncio.sleep(0.2)
        return found

    def _claimed(self) -> set[str]:
        return {claim.spec.volume_name for claim in self._all(PERSISTENT_VOLUME_CLAIM)}

    def _is_ours(self, volume: PersistentVolume) -> bool:
        return volume.spec.claim_ref is not None and volume.spec.claim_ref.namespace == self._namespace

    def _is_ready_to_be_captured(self) -> bool:
        found: VirtualMachine | None = self._get(VIRTUAL_MACHINE, "vm")
        if found is None or self._phase(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug") != "Attached":
            return False
        ready = condition(found.status.conditions, "AgentReady")
        return ready is not None and ready.true

    async def _write(self, data: bytes) -> None:
        for name in _CAPTURED:
            with (await self._file(name)).open("r+b") as image:
                image.seek(_BEYOND_THE_GUESTS_OWN)
                image.write(name.encode().ljust(64) + data)

    async def _read(self, name: str) -> bytes:
        with (await self._file(name)).open("rb") as image:
            image.seek(_BEYOND_THE_GUESTS_OWN)
            return image.read(64 + len(SAVED))

    async def _file(self, name: str) -> Path:
        claim = self._claim_of(name)
        raw = await self._admin.get_raw(PERSISTENT_VOLUME, "", claim.spec.volume_name if claim else "")
        return volume_image(self._storage, raw["spec"]["csi"]["volumeHandle"])

    def _claim_of(self, name: str) -> Any:
        found = self._get(VIRTUAL_DISK, name)
        claim_name = found.status.target.persistent_volume_claim_name if found is not None else ""
        return self._get(PERSISTENT_VOLUME_CLAIM, claim_name) if claim_name else None

    async def _until(self, what: str, holds: Callable[[], bool], *, seconds: float = _DEADLINE_SECONDS) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._reconciling.changed()
        except TimeoutError:
            raise TimeoutError(what) from None

    async def _create(self, kind: Kind[Any], body: Json) -> None:
        await self._admin.create(kind, body, namespace=self._namespace)

    def _get(self, kind: Kind[Any], name: str) -> Any:
        return self._reconciling.inventory.get(kind, self._namespace, name)

    def _phase(self, kind: Kind[Any], name: str) -> str:
        found = self._get(kind, name)
        phase: str = found.status.phase if found is not None else ""
        return phase

    def _all(self, kind: Kind[Any]) -> list[Any]:
        return list(self._reconciling.objects[kind.name, self._namespace].values())

    def _names(self, kind: Kind[Any]) -> list[str]:
        return [each.metadata.name for each in self._all(kind)]


_SINCE: Final = (VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "since")
