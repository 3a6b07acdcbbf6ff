"""VirtualDisk: brought back from a snapshot, or put back on a volume it had, until it is first Ready."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, SELECTED_NODE, STORAGE_CLASS, ClaimPhase, PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK, Phase, ReadyReason, VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.vocabulary import DISK_CLEANUP
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT
from webhook.evaluation.evaluate import evaluate
from webhook.facts.facts import Facts
from webhook.facts.request import Operation, Request
from webhook.findings.finding import Finding
from webhook.kube.errors import ApiError, ForbiddenError, InvalidError
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.status.disk import disk_held_up, disk_in_phase, following
from webhook.reconciler.status.snapshot import message_of
from webhook.reconciler.steps import disk_claim, retained_volume
from webhook.reconciler.steps.phases import PENDING_SECONDS

VOLUME_CHECK_SECONDS: Final = 2.0
"""Between looks at what is not watched."""
_BEGUN: Final = frozenset({Phase.PROVISIONING, Phase.WAIT_FOR_FIRST_CONSUMER})


class Disks:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def reconcile(self, namespace: str, name: str) -> Progress:
        disk = self._cluster.source.get(VIRTUAL_DISK, namespace, name)
        if disk is None or not disk.in_recovery:
            return SETTLED
        claim = self._cluster.source.get(PERSISTENT_VOLUME_CLAIM, namespace, disk.claim_name)
        if disk.metadata.deleting:
            return await self._dismantle(disk, claim)
        if self._is_over(disk):
            return SETTLED
        if DISK_CLEANUP not in disk.metadata.finalizers:
            finalizers = (*disk.metadata.finalizers, DISK_CLEANUP)
            await self._cluster.writes.set_finalizers(VIRTUAL_DISK, disk, finalizers)
            return SETTLED
        if claim is not None:
            return await self._follow(disk, claim)
        return await (self._put_back(disk) if disk.retained_volume else self._bring_back(disk))

    def _is_over(self, disk: VirtualDisk) -> bool:
        """A Failed disk is tried again when its spec was changed, and not before."""
        return disk.status.phase == Phase.FAILED and disk.status.observed_generation == disk.metadata.generation

    async def _bring_back(self, disk: VirtualDisk) -> Progress:
        """A disk that is there was accepted: what may yet become right is waited for."""
        namespace = disk.metadata.namespace
        request = Request(Operation.CREATE, VIRTUAL_DISK, namespace, disk)
        evaluation = evaluate(request, self._cluster.source, self._cluster.policy().for_what_already_waits())
        if evaluation.denied:
            return await self._failed(disk, evaluation.denials)
        if evaluation.waits:
            return await self._pending(disk, evaluation.waits)
        snapshot = Facts(self._cluster.source, namespace).disk_snapshot(disk.source_snapshot)
        data = snapshot.data if snapshot is not None else None
        volume = self._cluster.source.get(VOLUME_SNAPSHOT, namespace, data.name) if data is not None else None
        if data is None or volume is None:
            return again_after(PENDING_SECONDS)  # turned off by policy, which finds data missing all the same
        class_name = disk.spec.persistent_volume_claim.storage_class_name or data.storage_class
        storage_class = self._cluster.source.get(STORAGE_CLASS, "", class_name) if class_name else None
        return await self._create(disk, disk_claim.claim_from_snapshot(disk, data, volume, storage_class, class_name))

    async def _put_back(self, disk: VirtualDisk) -> Progress:
        """Reserve the volume, then claim it: what was released could be bound by whoever comes first."""
        volume = await retained_volume.read_volume(disk.retained_volume, self._cluster.writes)
        if volume is None:
            return await self._failed_because(disk, f"PersistentVolume {disk.retained_volume} is gone")
        if retained_volume.is_foreign(volume, disk):
            message = f"PersistentVolume {disk.retained_volume} does not hold data of this namespace"
            return await self._failed_because(disk, message)
        if retained_volume.is_reserved_for(volume, disk):
            return await self._create(disk, disk_claim.claim_on_volume(disk, volume))
        if retained_volume.is_in_use(volume):
            message = f"PersistentVolume {disk.retained_volume} is still bound to another claim"
            await self._say(disk, Phase.PENDING, ReadyReason.PROVISIONING_NOT_STARTED, message)
        else:
            await retained_volume.reserve(volume, disk, self._cluster.writes)
        return again_after(VOLUME_CHECK_SECONDS)

    async def _create(self, disk: VirtualDisk, body: dict[str, Any]) -> Progress:
        """What the API server refuses is told, and tried again: quota is freed, limits are lifted."""
        try:
            await self._cluster.writes.create(PERSISTENT_VOLUME_CLAIM, disk.metadata.namespace, body)
        except (ForbiddenError, InvalidError) as error:
            await self._say(disk, Phase.PENDING, _reason_of(error), error.message)
            return again_after(PENDING_SECONDS)
        return SETTLED

    async def _follow(self, disk: VirtualDisk, claim: PersistentVolumeClaim) -> Progress:
        if not disk_claim.belongs_to(claim, disk):
            message = f"PersistentVolumeClaim {claim.metadata.name} exists and belongs to something else"
            return await self._failed_because(disk, message)
        if claim.metadata.deleting:  # before there was data in it
            await disk_claim.let_go(claim, self._cluster.writes)
            return SETTLED
        match claim.status.phase:
            case ClaimPhase.BOUND:
                return await self._ready(disk, claim)
            case ClaimPhase.LOST:
                message = f"the volume of PersistentVolumeClaim {claim.metadata.name} is gone"
                return await self._say(disk, Phase.PVC_LOST, ReadyReason.PVC_LOST, message, **following(claim))
            case _:
                return await self._wait_for_the_volume(disk, claim)

    async def _wait_for_the_volume(self, disk: VirtualDisk, claim: PersistentVolumeClaim) -> Progress:
        storage_class = self._cluster.source.get(STORAGE_CLASS, "", claim.spec.storage_class_name)
        waits = storage_class is not None and storage_class.waits_for_first_consumer
        if waits and SELECTED_NODE not in claim.metadata.annotations and not claim.spec.volume_name:
            phase, reason = Phase.WAIT_FOR_FIRST_CONSUMER, ReadyReason.WAITING_FOR_FIRST_CONSUMER
            message = "the disk gets its volume when a machine starts with it"
        else:
            phase, reason = Phase.PROVISIONING, ReadyReason.PROVISIONING
            name = claim.metadata.name
            message = f"PersistentVolumeClaim {name} has no volume yet; see why: kubectl describe pvc {name}"
        begins = disk.status.phase not in _BEGUN
        members = {**following(claim), "progress": "0%", "source_uid": self._source_uid(disk)}
        wrote = await self._write(disk, phase, reason, message, **members)
        if wrote and begins:
            await self._cluster.events.record(
                VIRTUAL_DISK, disk, reason="DataSourceImportStarted", message=f"the disk is made of {_source(disk)}"
            )
        return SETTLED

    async def _ready(self, disk: VirtualDisk, claim: PersistentVolumeClaim) -> Progress:
        volume = await retained_volume.read_volume(disk.retained_volume, self._cluster.writes)
        if volume is not None:
            await retained_volume.reclaim_as_before(volume, self._cluster.writes)
        await retained_volume.let_replaced_go(disk, self._cluster.writes)
        members = {**following(claim), "progress": "100%", "source_uid": self._source_uid(disk)}
        return await self._say(disk, Phase.READY, ReadyReason.READY, "", **members)

    async def _dismantle(self, disk: VirtualDisk, claim: PersistentVolumeClaim | None) -> Progress:
        """Remove the claim, let go: in this order, and again from wherever a crash left it."""
        writes, metadata = self._cluster.writes, disk.metadata
        if DISK_CLEANUP not in metadata.finalizers:
            return SETTLED
        if claim is not None and disk_claim.belongs_to(claim, disk):
            await disk_claim.remove(claim, writes)
        elif claim is None and await disk_claim.exists_unseen(disk, writes):
            return again_after(VOLUME_CHECK_SECONDS)
        await retained_volume.let_replaced_go(disk, writes)
        kept = [each for each in metadata.finalizers if each != DISK_CLEANUP]
        await writes.set_finalizers(VIRTUAL_DISK, disk, kept)
        return SETTLED

    async def _pending(self, disk: VirtualDisk, findings: tuple[Finding, ...]) -> Progress:
        """Not everything that may clear a finding wakes us: a StorageClass concerns every disk there is."""
        status = disk_held_up(disk, Phase.PENDING, findings, self._cluster.clock())
        await self._cluster.writes.set_status(VIRTUAL_DISK, disk, status)
        return again_after(PENDING_SECONDS)

    async def _failed(self, disk: VirtualDisk, findings: tuple[Finding, ...]) -> Progress:
        status = disk_held_up(disk, Phase.FAILED, findings, self._cluster.clock())
        if await self._cluster.writes.set_status(VIRTUAL_DISK, disk, status):
            await self._tell_failed(disk, message_of(findings))
        return SETTLED

    async def _failed_because(self, disk: VirtualDisk, message: str) -> Progress:
        """For failures that are no finding: nothing the author of the disk could have known."""
        if await self._write(disk, Phase.FAILED, ReadyReason.PROVISIONING_FAILED, message):
            await self._tell_failed(disk, message)
        return SETTLED

    async def _tell_failed(self, disk: VirtualDisk, message: str) -> None:
        await self._cluster.events.record(
            VIRTUAL_DISK, disk, reason="DataSourceImportFailed", message=message, type="Warning"
        )

    async def _say(
        self, disk: VirtualDisk, phase: Phase, reason: ReadyReason, message: str, **members: Any
    ) -> Progress:
        await self._write(disk, phase, reason, message, **members)
        return SETTLED

    async def _write(self, disk: VirtualDisk, phase: Phase, reason: ReadyReason, message: str, **members: Any) -> bool:
        status = disk_in_phase(disk, phase, reason, message, self._cluster.clock(), **members)
        return await self._cluster.writes.set_status(VIRTUAL_DISK, disk, status)

    def _source_uid(self, disk: VirtualDisk) -> str:
        name = disk.source_snapshot
        snapshot = self._cluster.source.get(VIRTUAL_DISK_SNAPSHOT, disk.metadata.namespace, name) if name else None
        return snapshot.metadata.uid if snapshot is not None else disk.status.source_uid


def _source(disk: VirtualDisk) -> str:
    if disk.retained_volume:
        return f"PersistentVolume {disk.retained_volume}"
    return f"{VIRTUAL_DISK_SNAPSHOT.name} {disk.source_snapshot}"


def _reason_of(error: ApiError) -> ReadyReason:
    """The quota admission plugin says so in its message, and nowhere else."""
    return ReadyReason.QUOTA_EXCEEDED if "exceeded quota" in error.message else ReadyReason.PROVISIONING_FAILED
