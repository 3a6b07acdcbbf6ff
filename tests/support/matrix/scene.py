"""One machine in a namespace of its own: captured, written to since, and then operated on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from lab.storage.layout import volume_image
from tests.support.kubectl import Json
from tests.support.machines import attachment, disk, machine
from tests.support.matrix.operations import CAPTURED, DISKS, LATER, SAVED, Operation
from tests.support.matrix.reconciling import Reconciling
from webhook.api.kind import Kind
from webhook.api.meta import condition
from webhook.api.namespace import NAMESPACE
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.kube.client import Client

REFUSING: Final = "snapgate-matrix/refuses"
"""Label of namespaces in which nobody may give a machine its saved settings, unless by way of trial."""
SINCE: Final = (VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "since")
_BEYOND_THE_GUESTS_OWN: Final = 8192
_DEADLINE_SECONDS: Final = 150.0
_NAME_BYTES: Final = 64
_ENDED: Final = frozenset({"Completed", "Failed", "Ready"})


class Scene:
    def __init__(
        self, admin: Client, reconciling: Reconciling, storage: Path, namespace: str, operation: Operation
    ) -> None:
        """`storage` is where the lab's driver keeps its volumes."""
        self.admin = admin
        self._reconciling = reconciling
        self._storage = storage
        self.namespace = namespace
        self.operation = operation
        self._disks: set[str] = set()

    async def prepare(self) -> None:
        labels = {REFUSING: "true"} if self.operation.refused else {}
        await self.admin.create(NAMESPACE, {"metadata": {"name": self.namespace, "labels": labels}})
        for name in CAPTURED:
            await self._create(VIRTUAL_DISK, disk(name, size="4Mi"))
        await self._create(VIRTUAL_MACHINE, machine("vm", DISKS))
        await self._create(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment("plug", "vm", "extra"))
        await self.until("the machine runs", self._is_ready_to_be_captured)
        await self._write(SAVED)
        snapshot, body = self.operation.captured_by
        await self._create(snapshot, body)
        await self.until("the snapshot is ready", lambda: self.phase(snapshot, "snap") == "Ready")
        await self._write(LATER)
        if self.operation.plugged_since:
            await self._create(VIRTUAL_DISK, disk("foreign", size="4Mi"))
            await self._create(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment("since", "vm", "foreign"))
            await self.until("it is plugged in", lambda: self.phase(*SINCE) == "Attached")
        if self.operation.machine_off:
            patch = {"spec": {"runPolicy": "AlwaysOff"}}
            await self.admin.merge_patch(VIRTUAL_MACHINE, self.namespace, "vm", patch)
            await self.until("the machine is off", lambda: self.phase(VIRTUAL_MACHINE, "vm") == "Stopped")

    async def operate(self) -> None:
        operation = self.operation
        self._disks = {self.get(VIRTUAL_DISK, name).metadata.uid for name in DISKS}
        await self._create(operation.kind, operation.body)
        if operation.cancelled:
            await self.until("there is something to undo", self._has_gone_far)
            await self.admin.delete(operation.kind, self.namespace, "op")
            await self.until("the operation is gone", lambda: self.get(operation.kind, "op") is None)
        else:
            await self.until("the operation ends", lambda: self.phase(operation.kind, "op") in _ENDED)

    async def until(self, what: str, holds: Callable[[], bool], *, seconds: float = _DEADLINE_SECONDS) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._reconciling.changed()
        except TimeoutError:
            raise TimeoutError(what) from None

    async def read(self, name: str) -> tuple[str, bytes]:
        """The disk that was written to, and what; from the file of the storage."""
        with (await self._file(name)).open("rb") as image:
            image.seek(_BEYOND_THE_GUESTS_OWN)
            found = image.read(_NAME_BYTES + len(SAVED))
        return found[:_NAME_BYTES].decode(errors="replace").rstrip(), found[_NAME_BYTES:]

    def claim_of(self, name: str) -> PersistentVolumeClaim | None:
        found = self.get(VIRTUAL_DISK, name)
        claim_name = found.status.target.persistent_volume_claim_name if found is not None else ""
        claim: PersistentVolumeClaim | None = self.get(PERSISTENT_VOLUME_CLAIM, claim_name) if claim_name else None
        return claim

    def get(self, kind: Kind[Any], name: str) -> Any:
        return self._reconciling.inventory.get(kind, self.namespace, name)

    def phase(self, kind: Kind[Any], name: str) -> str:
        found = self.get(kind, name)
        phase: str = found.status.phase if found is not None else ""
        return phase

    def all(self, kind: Kind[Any]) -> list[Any]:
        return list(self._reconciling.objects[kind.name, self.namespace].values())

    def names(self, kind: Kind[Any]) -> set[str]:
        return {each.metadata.name for each in self.all(kind)}

    def _is_ready_to_be_captured(self) -> bool:
        found: VirtualMachine | None = self.get(VIRTUAL_MACHINE, "vm")
        if found is None or self.phase(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug") != "Attached":
            return False
        ready = condition(found.status.conditions, "AgentReady")
        return ready is not None and ready.true

    def _has_gone_far(self) -> bool:
        """Disks are gone or made anew, or all is over."""
        found = [self.get(VIRTUAL_DISK, name) for name in DISKS]
        uids = {each.metadata.uid for each in found if each is not None}
        return uids != self._disks or self.phase(self.operation.kind, "op") in _ENDED

    async def _write(self, data: bytes) -> None:
        for name in CAPTURED:
            with (await self._file(name)).open("r+b") as image:
                image.seek(_BEYOND_THE_GUESTS_OWN)
                image.write(name.encode().ljust(_NAME_BYTES) + data)

    async def _file(self, name: str) -> Path:
        claim = self.claim_of(name)
        raw = await self.admin.get_raw(PERSISTENT_VOLUME, "", claim.spec.volume_name if claim else "")
        return volume_image(self._storage, raw["spec"]["csi"]["volumeHandle"])

    async def _create(self, kind: Kind[Any], body: Json) -> None:
        await self.admin.create(kind, body, namespace=self.namespace)
