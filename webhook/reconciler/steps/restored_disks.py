"""Replacing the disks of a machine under their own names, and putting the old ones back.

The same name forces "delete, then create", and what is created can fail: quota, storage, a driver that is down. So the
old volume is kept until the new disk is usable.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from webhook.api.reference import owner_reference_to
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, PersistentVolume
from webhook.api.virtual_disk import VIRTUAL_DISK, Phase, VirtualDisk
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_operation import RetainedVolume, VirtualMachineOperation
from webhook.api.vocabulary import DELETED_BY, KEPT_RECLAIM_POLICY, OPERATION_UID, RETAINED_VOLUME
from webhook.facts.machine_snapshot import SavedDisk
from webhook.kube.errors import AlreadyExistsError, NotFoundError
from webhook.planning.bodies import disk_body, worth_keeping
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.steps.copying import is_made_by
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.retained_volume import reclaim_as_before

_RETAIN: Final = "Retain"
_CHECK_SECONDS: Final = 2.0
"""Between looks at volumes, which are not watched."""


class RestoredDisks:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster

    async def replace(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, disks: tuple[SavedDisk, ...]
    ) -> Progress | None:
        """One step for each disk. None when all of them are made anew, whatever has become of them since."""
        moving = [await self._replace_one(operation, machine, disk) for disk in disks]
        return SETTLED if any(moving) else None

    def failure(self, operation: VirtualMachineOperation, disks: tuple[SavedDisk, ...]) -> str:
        """Why a new disk will never be usable; `""` while all may."""
        for disk in disks:
            live = self._disk(operation, disk.name)
            if live is not None and self._is_new(operation, live) and live.status.phase == Phase.FAILED:
                told = "; ".join(each.message for each in live.status.conditions if not each.true and each.message)
                return f"VirtualDisk {disk.name} could not be restored: {told or 'no reason given'}"
        return ""

    def all_usable(self, operation: VirtualMachineOperation, disks: tuple[SavedDisk, ...], *, consumed: bool) -> bool:
        """`consumed`: a machine runs with them, so none may wait for its first consumer any more."""
        found = [self._disk(operation, disk.name) for disk in disks]
        return all(
            each is not None and self._is_new(operation, each) and is_usable(each, consumed=consumed) for each in found
        )

    async def release(self, operation: VirtualMachineOperation) -> Progress | None:
        """Let the old volumes go the way their class says. None when none is held any more."""
        for retained in operation.status.retained_volumes:
            volume = await self._volume(retained.persistent_volume_name)
            if volume is not None and await reclaim_as_before(volume, self._cluster.writes):
                return again_after(0)
        if operation.status.retained_volumes:
            await self._phases.note(operation, retained_volumes=())
            return SETTLED
        return None

    async def put_back(self, operation: VirtualMachineOperation) -> Progress | None:
        """One step for each disk that was taken away. None when every disk is as it was."""
        moving = [await self._put_back_one(operation, each) for each in operation.status.retained_volumes]
        found = [each for each in moving if each is not None]
        if found:
            return found[0]
        if operation.status.retained_volumes:
            await self._phases.note(operation, retained_volumes=())
            return SETTLED
        return None

    async def _replace_one(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedDisk
    ) -> Progress | None:
        live = self._disk(operation, saved.name)
        if live is None:
            return await self._create(operation, _new_disk(operation, machine, saved))
        if self._is_new(operation, live):
            return None
        if live.metadata.deleting:
            return SETTLED
        claim = self._cluster.source.get(PERSISTENT_VOLUME_CLAIM, live.metadata.namespace, _claim_name(live))
        if claim is not None and claim.spec.volume_name:
            keeping = await self._keep(operation, live, claim.spec.volume_name)
            if keeping is not None:
                return keeping
        if DELETED_BY not in live.metadata.annotations:
            mark = {"metadata": {"annotations": {DELETED_BY: operation.metadata.uid}}}
            await self._cluster.writes.patch(VIRTUAL_DISK, live, mark)
            return SETTLED
        await self._cluster.writes.delete(VIRTUAL_DISK, live)
        return SETTLED

    async def _keep(self, operation: VirtualMachineOperation, live: VirtualDisk, volume_name: str) -> Progress | None:
        """Written down first, then set to Retain. None when both are done, and the disk may go."""
        held = operation.status.retained_volumes
        if not any(each.virtual_disk_name == live.metadata.name for each in held):
            raw = await self._cluster.writes.read_raw(VIRTUAL_DISK, live.metadata.namespace, live.metadata.name)
            record = RetainedVolume(live.metadata.name, volume_name, _described(raw))
            await self._phases.note(operation, retained_volumes=(*held, record))
            return SETTLED
        volume = await self._volume(volume_name)
        if volume is None or volume.spec.persistent_volume_reclaim_policy == _RETAIN:
            return None
        kept = {
            "metadata": {"annotations": {KEPT_RECLAIM_POLICY: volume.spec.persistent_volume_reclaim_policy}},
            "spec": {"persistentVolumeReclaimPolicy": _RETAIN},
        }
        await self._cluster.writes.patch_unwatched(PERSISTENT_VOLUME, volume, kept)
        return SETTLED

    async def _put_back_one(self, operation: VirtualMachineOperation, retained: RetainedVolume) -> Progress | None:
        live = self._disk(operation, retained.virtual_disk_name)
        if live is None:
            return await self._create(operation, _old_disk(operation, retained))
        if live.metadata.deleting:
            return SETTLED
        if self._is_new(operation, live):
            await self._cluster.writes.delete(VIRTUAL_DISK, live)
            return SETTLED
        if live.metadata.annotations.get(RETAINED_VOLUME) == retained.persistent_volume_name:
            return None if live.status.phase in {Phase.READY, Phase.FAILED} else again_after(_CHECK_SECONDS)
        return await self._spare(live, retained)

    async def _spare(self, live: VirtualDisk, retained: RetainedVolume) -> Progress | None:
        """The old disk itself, which was not deleted yet: it stays, as it was."""
        volume = await self._volume(retained.persistent_volume_name)
        if volume is not None and await reclaim_as_before(volume, self._cluster.writes):
            return again_after(0)
        if DELETED_BY not in live.metadata.annotations:
            return None
        await self._cluster.writes.patch(VIRTUAL_DISK, live, {"metadata": {"annotations": {DELETED_BY: None}}})
        return SETTLED

    async def _create(self, operation: VirtualMachineOperation, body: dict[str, Any]) -> Progress:
        try:
            await self._cluster.writes.create(VIRTUAL_DISK, operation.metadata.namespace, body)
        except AlreadyExistsError:
            return again_after(_CHECK_SECONDS)  # the old one, of which the watch said too early that it is gone
        return SETTLED

    def _disk(self, operation: VirtualMachineOperation, name: str) -> VirtualDisk | None:
        return self._cluster.source.get(VIRTUAL_DISK, operation.metadata.namespace, name)

    def _is_new(self, operation: VirtualMachineOperation, disk: VirtualDisk) -> bool:
        return is_made_by(operation.metadata.uid, disk)

    async def _volume(self, name: str) -> PersistentVolume | None:
        try:
            return await self._cluster.writes.read(PERSISTENT_VOLUME, "", name)
        except NotFoundError:
            return None


def is_usable(disk: VirtualDisk, *, consumed: bool = False) -> bool:
    waits = disk.status.phase == Phase.WAIT_FOR_FIRST_CONSUMER and not consumed
    return disk.status.phase == Phase.READY or waits


def _new_disk(operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedDisk) -> dict[str, Any]:
    body = disk_body(saved, saved.name, uid=operation.metadata.uid)
    if saved.owned:
        body["metadata"]["ownerReferences"] = [owner_reference_to(VIRTUAL_MACHINE, machine)]
    return body


def _old_disk(operation: VirtualMachineOperation, retained: RetainedVolume) -> dict[str, Any]:
    """Under its old name and spec, on its old volume. The mark wakes the operation that waits for it."""
    described = msgspec.json.decode(retained.disk, type=dict[str, Any])
    marks = {RETAINED_VOLUME: retained.persistent_volume_name, OPERATION_UID: operation.metadata.uid}
    annotations = worth_keeping(described.get("annotations") or {}) | marks
    metadata = {"name": retained.virtual_disk_name, "labels": described.get("labels") or {}, "annotations": annotations}
    if described.get("ownerReferences"):
        metadata["ownerReferences"] = described["ownerReferences"]
    return {"metadata": metadata, "spec": described["spec"]}


def _described(raw: dict[str, Any]) -> str:
    metadata = raw["metadata"]
    kept = {key: metadata[key] for key in ("labels", "annotations", "ownerReferences") if metadata.get(key)}
    return msgspec.json.encode({**kept, "spec": raw.get("spec", {})}).decode()


def _claim_name(disk: VirtualDisk) -> str:
    return disk.status.target.persistent_volume_claim_name
