"""Replacing the disks of a machine under their own names, and putting the old ones back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from webhook.api.virtual_disk import VIRTUAL_DISK, Phase, VirtualDisk
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_operation import RetainedVolume, VirtualMachineOperation
from webhook.api.vocabulary import OPERATION_UID, RETAINED_VOLUME
from webhook.facts.machine_snapshot import SavedDisk
from webhook.kube.errors import AlreadyExistsError, ApiError
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import AGAIN_SOON, SETTLED, Progress, again_after
from webhook.reconciler.steps.disk_bodies import described, new_disk, old_disk
from webhook.reconciler.steps.made import REFUSALS, is_made_by
from webhook.reconciler.steps.new_disk import NO_NEED, Need, is_usable, seconds_left, why_it_failed
from webhook.reconciler.steps.old_disks import OldDisks, is_the_same, record_of
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.patience import Patience


class DiskReplacement:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._old = OldDisks(phases, cluster)
        self._patience = Patience(cluster)
        self._cluster = cluster

    async def write_down(self, operation: VirtualMachineOperation, disks: tuple[str, ...]) -> Progress | None:
        """What there is under these names now, and is to be replaced: what comes later is somebody else's. None when
        all of it is written down."""
        return await self._old.write_down(operation, self._old_ones(operation, disks))

    async def replace(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, disks: tuple[SavedDisk, ...]
    ) -> Progress | None:
        """One step for each disk. None when all of them are made anew, whatever has become of them since."""
        known = (
            each for each in self._old_ones(operation, (disk.name for disk in disks)) if _is_known(operation, each)
        )
        writing = await self._old.write_down(operation, known)
        if writing is not None:
            return writing
        moving = [await self._replace_one(operation, machine, disk) for disk in disks]
        return next((each for each in moving if each is not None), None)

    def in_the_way(self, operation: VirtualMachineOperation, disks: tuple[str, ...]) -> str:
        """Disks that someone else made where there was none, or in place of those that were deleted; `""` for none."""
        strangers = [each for each in self._old_ones(operation, disks) if self._is_stranger(operation, each)]
        return "; ".join(f"VirtualDisk {each.metadata.name} was made by someone else meanwhile" for each in strangers)

    def going(self, operation: VirtualMachineOperation, disks: tuple[str, ...]) -> tuple[str, ...]:
        """Those that are deleted and still there: whoever has a finalizer on them keeps everybody waiting."""
        found = (self._disk(operation, name) for name in disks)
        return tuple(each.metadata.name for each in found if each is not None and each.metadata.deleting)

    def are_touched(self, operation: VirtualMachineOperation, disks: tuple[str, ...]) -> bool:
        """Whether anything was deleted or made yet."""
        gone = any(
            (live := self._disk(operation, record.virtual_disk_name)) is None
            or live.metadata.deleting
            or not is_the_same(record, live)
            for record in operation.status.retained_volumes
        )
        return gone or bool(self._new(operation, disks))

    def failure(self, operation: VirtualMachineOperation, disks: tuple[str, ...], need: Need = NO_NEED) -> str:
        """Why new disks will never be usable; `""` while all may."""
        now, settings = self._cluster.clock(), self._cluster.settings
        reasons = (
            why_it_failed(each, now, settings, needed_since=need.of(each)) for each in self._new(operation, disks)
        )
        return "; ".join(reason for reason in reasons if reason)

    def has_new(self, operation: VirtualMachineOperation, disks: tuple[str, ...]) -> bool:
        return bool(self._new(operation, disks))

    def lost(self, operation: VirtualMachineOperation, disks: tuple[str, ...]) -> str:
        """Those that were there, and somebody has deleted or replaced; `""` for none."""
        there = {each.metadata.name for each in self._new(operation, disks)}
        return "; ".join(f"VirtualDisk {name} was deleted meanwhile" for name in disks if name not in there)

    def unusable(
        self, operation: VirtualMachineOperation, disks: tuple[str, ...], need: Need = NO_NEED
    ) -> tuple[str, ...]:
        """Those that are not there or not ready."""
        new = self._new(operation, disks)
        usable = {each.metadata.name for each in new if is_usable(each, consumed=need.of(each) is not None)}
        return tuple(name for name in disks if name not in usable)

    def until_deadline(
        self, operation: VirtualMachineOperation, disks: tuple[str, ...], need: Need = NO_NEED
    ) -> Progress:
        now, settings = self._cluster.clock(), self._cluster.settings
        left = (seconds_left(each, now, settings, needed_since=need.of(each)) for each in self._new(operation, disks))
        ahead = [each for each in left if each is not None]
        return again_after(min(ahead)) if ahead else SETTLED

    async def put_back(self, operation: VirtualMachineOperation, disks: tuple[str, ...]) -> Progress | None:
        """One step for each disk of the restore, `disks` by name. None when every one is as it was, or can't be."""
        records = {each.virtual_disk_name: each for each in operation.status.retained_volumes}
        moving = [await self._put_back_one(operation, name, records.get(name)) for name in dict.fromkeys(disks)]
        return next((each for each in moving if each is not None), None)

    def not_put_back(self, operation: VirtualMachineOperation) -> Iterator[RetainedVolume]:
        """Those whose disk did not come back, and whose volume therefore stays."""
        for record in operation.status.retained_volumes:
            live = self._disk(operation, record.virtual_disk_name)
            there = live is not None and (is_the_same(record, live) or _is_back_with_its_data(record, live))
            if record.persistent_volume_name and not there and not self._owner_is_gone(operation, record):
                yield record

    async def _replace_one(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedDisk
    ) -> Progress | None:
        live = self._disk(operation, saved.name)
        if live is None:
            return await self._create(operation, new_disk(operation, machine, saved))
        if self._is_new(operation, live):
            return None
        if live.metadata.deleting or self._is_stranger(operation, live):
            return SETTLED
        await self._old.take_away(operation, live)
        return again_after(0)  # volumes are not watched

    async def _put_back_one(
        self, operation: VirtualMachineOperation, name: str, record: RetainedVolume | None
    ) -> Progress | None:
        live = self._disk(operation, name)
        if live is not None and live.metadata.deleting:
            return SETTLED
        if live is not None and self._is_new(operation, live):
            await self._cluster.writes.delete(VIRTUAL_DISK, live)
            return SETTLED
        return await self._put_back_old(operation, live, record) if record is not None else None

    async def _put_back_old(
        self, operation: VirtualMachineOperation, live: VirtualDisk | None, record: RetainedVolume
    ) -> Progress | None:
        if live is None:
            return await self._return(operation, record)
        if is_the_same(record, live):
            return await self._old.spare(record, live)
        if is_put_back(record, live):
            done = not record.persistent_volume_name or live.status.phase == Phase.READY
            return None if done or self._is_hopeless(live) else AGAIN_SOON
        return None  # someone else's: what was here stays on its volume, and people are told

    async def _return(self, operation: VirtualMachineOperation, record: RetainedVolume) -> Progress | None:
        """A disk that went with its machine is not made again: garbage collection would take it at once."""
        if self._owner_is_gone(operation, record):
            return await self._old.reclaim(record)
        what = f"{operation.metadata.uid}/{record.virtual_disk_name}"
        try:
            creating = await self._create(operation, old_disk(operation, record))
        except ApiError as error:
            if error.status not in REFUSALS:
                raise
            return None if self._patience.is_over(what) else AGAIN_SOON
        self._patience.renew(what)
        return creating

    def _is_hopeless(self, disk: VirtualDisk) -> bool:
        return bool(why_it_failed(disk, self._cluster.clock(), self._cluster.settings))

    def _owner_is_gone(self, operation: VirtualMachineOperation, record: RetainedVolume) -> bool:
        owners = described(record).get("ownerReferences") or ()
        machines = [each for each in owners if each["kind"] == VIRTUAL_MACHINE.name]
        namespace = operation.metadata.namespace
        live = [self._cluster.source.get(VIRTUAL_MACHINE, namespace, each["name"]) for each in machines]
        there = {each.metadata.uid for each in live if each is not None}
        return bool(machines) and len(machines) == len(owners) and not there & {each["uid"] for each in machines}

    async def _create(self, operation: VirtualMachineOperation, body: dict[str, Any]) -> Progress:
        try:
            await self._cluster.writes.create(VIRTUAL_DISK, operation.metadata.namespace, body)
        except AlreadyExistsError:
            return AGAIN_SOON  # the old one, of which the watch said too early that it is gone
        return SETTLED

    def _new(self, operation: VirtualMachineOperation, disks: Iterable[str]) -> list[VirtualDisk]:
        found = [self._disk(operation, name) for name in disks]
        return [each for each in found if each is not None and self._is_new(operation, each)]

    def _disk(self, operation: VirtualMachineOperation, name: str) -> VirtualDisk | None:
        return self._cluster.source.get(VIRTUAL_DISK, operation.metadata.namespace, name)

    def _is_new(self, operation: VirtualMachineOperation, disk: VirtualDisk) -> bool:
        return is_made_by(operation.metadata.uid, disk)

    def _old_ones(self, operation: VirtualMachineOperation, disks: Iterable[str]) -> list[VirtualDisk]:
        """All that are there under these names, but those that are new and those that go."""
        found = [self._disk(operation, name) for name in disks]
        return [
            each
            for each in found
            if each is not None and not each.metadata.deleting and not self._is_new(operation, each)
        ]

    def _is_stranger(self, operation: VirtualMachineOperation, disk: VirtualDisk) -> bool:
        record = record_of(operation, disk.metadata.name)
        return not self._old.is_lost(disk) if record is None else not is_the_same(record, disk)


def is_put_back(record: RetainedVolume, disk: VirtualDisk) -> bool:
    same_volume = disk.metadata.annotations.get(RETAINED_VOLUME, "") == record.persistent_volume_name
    return same_volume and OPERATION_UID in disk.metadata.annotations


def _is_back_with_its_data(record: RetainedVolume, disk: VirtualDisk) -> bool:
    return is_put_back(record, disk) and disk.status.phase == Phase.READY


def _is_known(operation: VirtualMachineOperation, disk: VirtualDisk) -> bool:
    return record_of(operation, disk.metadata.name) is not None
