"""What a restore takes away from a machine's disks, kept until it is not needed any more.

The same name forces "delete, then create", and what is created can fail: quota, storage, a driver that is down. So each
disk is written down and its volume set to Retain before it is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from webhook.api.meta import Object
from webhook.api.storage import PERSISTENT_VOLUME, SELECTED_NODE, PersistentVolume
from webhook.api.virtual_disk import BEFORE_DATA, VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_machine_operation import RetainedVolume, VirtualMachineOperation
from webhook.api.vocabulary import DELETED_BY, DISK_CLEANUP, KEPT_RECLAIM_POLICY, REPLACED_VOLUME, RETAINED_VOLUME
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.steps.disk_claim import claim_of
from webhook.reconciler.steps.made import is_made_by
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.retained_volume import read_volume, reclaim_as_before

_RETAIN: Final = "Retain"


class OldDisks:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster

    async def write_down(self, operation: VirtualMachineOperation, disks: Iterable[VirtualDisk]) -> Progress | None:
        """None when all of them are on the operation, in one write for all. A disk may get its volume after that."""
        known = {each.virtual_disk_name: each for each in operation.status.retained_volumes}
        missing = [disk for disk in disks if not self.is_lost(disk) and self._is_news(known, disk)]
        if not missing:
            return None
        records = {disk.metadata.name: await self._record(disk) for disk in missing}
        await self._phases.note(operation, retained_volumes=tuple((known | records).values()))
        return SETTLED

    async def take_away(self, operation: VirtualMachineOperation, disk: VirtualDisk) -> None:
        """One step: its volume stays whatever its class says, the mark says who deletes it, then it is deleted.

        Only in the state seen: whoever thinks that it still leads must not delete what the next leader has spared.
        """
        marked = disk.metadata.annotations.get(DELETED_BY) == operation.metadata.uid
        volume = await read_volume(volume_kept_for(operation, disk.metadata.name), self._cluster.writes)
        kept = volume is None or volume.spec.persistent_volume_reclaim_policy == _RETAIN
        if marked and kept:
            await self._cluster.writes.delete(VIRTUAL_DISK, disk, unchanged=True)
        elif marked or kept:
            mark = {"metadata": {"annotations": {DELETED_BY: operation.metadata.uid if kept else None}}}
            await self._cluster.writes.patch(VIRTUAL_DISK, disk, mark)
        elif volume is not None:
            await self._retain(operation, volume)

    async def spare(self, record: RetainedVolume, disk: VirtualDisk) -> Progress | None:
        """The very disk, which was not deleted yet, as it was. None when it is.

        First nobody may delete it any more, then its volume is reclaimed as before.
        """
        if DELETED_BY in disk.metadata.annotations:
            await self._cluster.writes.patch(VIRTUAL_DISK, disk, {"metadata": {"annotations": {DELETED_BY: None}}})
            return SETTLED
        return await self.reclaim(record)

    async def reclaim(self, record: RetainedVolume) -> Progress | None:
        """Let the volume go the way its class says. None when it is on its way."""
        volume = await read_volume(record.persistent_volume_name, self._cluster.writes)
        if volume is not None and await reclaim_as_before(volume, self._cluster.writes):
            return again_after(0)  # volumes are not watched
        return None

    async def release(self, operation: VirtualMachineOperation) -> Progress | None:
        """All of them. None when none is held any more.

        One whose new disk has no data yet is left to that disk, which lets it go in its turn.
        """
        for record in operation.status.retained_volumes:
            heir = self._heir(operation, record)
            if heir is None:
                releasing = await self.reclaim(record)
            elif heir.replaced_volume != record.persistent_volume_name:
                releasing = await self._leave_to(heir, record)
            else:
                releasing = None
            if releasing is not None:
                return releasing
        return await self.forget(operation)

    def _heir(self, operation: VirtualMachineOperation, record: RetainedVolume) -> VirtualDisk | None:
        """The new disk where it still has no data, and nobody can take it away without its letting the volume go; None
        where there is nothing to wait for. One may have begun to get its volume since it was looked at."""
        if not record.persistent_volume_name:
            return None
        disk = self._cluster.source.get(VIRTUAL_DISK, operation.metadata.namespace, record.virtual_disk_name)
        if disk is None or disk.metadata.deleting or not is_made_by(operation.metadata.uid, disk):
            return None
        return disk if disk.status.phase in BEFORE_DATA and DISK_CLEANUP in disk.metadata.finalizers else None

    async def _leave_to(self, disk: VirtualDisk, record: RetainedVolume) -> Progress:
        """In the very state seen: one that has got its data meanwhile would never look again."""
        mark = {"metadata": {"annotations": {REPLACED_VOLUME: record.persistent_volume_name}}}
        await self._cluster.writes.patch(VIRTUAL_DISK, disk, mark)
        return SETTLED

    async def forget(self, operation: VirtualMachineOperation) -> Progress | None:
        """None when nothing is written down any more."""
        if not operation.status.retained_volumes:
            return None
        await self._phases.note(operation, retained_volumes=())
        return SETTLED

    async def _retain(self, operation: VirtualMachineOperation, volume: PersistentVolume) -> None:
        await self._phases.must_be_current(operation)
        kept = {
            "metadata": {"annotations": {KEPT_RECLAIM_POLICY: volume.spec.persistent_volume_reclaim_policy}},
            "spec": {"persistentVolumeReclaimPolicy": _RETAIN},
        }
        await self._cluster.writes.patch_unwatched(PERSISTENT_VOLUME, volume, kept)

    def _is_news(self, known: Mapping[str, RetainedVolume], disk: VirtualDisk) -> bool:
        record = known.get(disk.metadata.name)
        if record is None:
            return True
        return is_the_same(record, disk) and not record.persistent_volume_name and bool(self._volume_of(disk))

    async def _record(self, disk: VirtualDisk) -> RetainedVolume:
        metadata = disk.metadata
        raw = await self._cluster.writes.read_raw(VIRTUAL_DISK, metadata.namespace, metadata.name)
        claim = claim_of(disk, self._cluster.source)
        return RetainedVolume(
            virtual_disk_name=metadata.name,
            disk=description_of(raw),
            persistent_volume_name=claim.spec.volume_name if claim is not None else "",
            storage_class_name=claim.spec.storage_class_name if claim is not None else "",
            selected_node=claim.metadata.annotations.get(SELECTED_NODE, "") if claim is not None else "",
            virtual_disk_uid=metadata.uid,
        )

    def _volume_of(self, disk: VirtualDisk) -> str:
        claim = claim_of(disk, self._cluster.source)
        return claim.spec.volume_name if claim is not None else ""

    def is_lost(self, disk: VirtualDisk) -> bool:
        """A disk that had data and has no volume: put back, it would turn up blank."""
        return disk.status.phase not in BEFORE_DATA and not self._volume_of(disk)


def where_it_is(record: RetainedVolume) -> str:
    """For people: where the data is, and how to get at it."""
    volume = record.persistent_volume_name
    return (
        f"on PersistentVolume {volume}; to have it as a disk, make one with the annotation {RETAINED_VOLUME}: {volume}"
    )


def record_of(operation: VirtualMachineOperation, disk: str) -> RetainedVolume | None:
    return next((each for each in operation.status.retained_volumes if each.virtual_disk_name == disk), None)


def volume_kept_for(operation: VirtualMachineOperation, disk: str) -> str:
    record = record_of(operation, disk)
    return record.persistent_volume_name if record is not None else ""


def description_of(raw: dict[str, Any]) -> str:
    """What an object needs to be made again, as JSON."""
    metadata = raw["metadata"]
    kept = {key: metadata[key] for key in ("labels", "annotations", "ownerReferences") if metadata.get(key)}
    return msgspec.json.encode({**kept, "spec": raw.get("spec", {})}).decode()


def is_the_same(record: RetainedVolume, disk: Object) -> bool:
    return disk.metadata.uid == record.virtual_disk_uid
