"""What a disk's status is to say. Pure: the scene holds all that matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.machines.claims import (
    claim_is_growing,
    disk_outgrows,
    granted_size,
    wanted_size,
)
from lab.machines.conditions import Observation, observed
from lab.machines.kinds import Machine
from webhook.api.meta import condition_is_true
from webhook.api.storage import SELECTED_NODE, ClaimPhase, PersistentVolumeClaim
from webhook.api.virtual_disk import (
    ConditionType,
    DiskAttachment,
    DiskTarget,
    Phase,
    VirtualDisk,
    VirtualDiskStatus,
)
from webhook.api.virtual_disk_snapshot import FINISHED, VirtualDiskSnapshot
from webhook.api.virtual_machine import Phase as MachinePhase

_OWNED: Final = frozenset({ConditionType.READY, ConditionType.RESIZING, ConditionType.SNAPSHOTTING})
_NEVER_READY: Final = frozenset({"", Phase.PENDING, Phase.PROVISIONING})


@dataclass(frozen=True, slots=True)
class DiskScene:
    disk: VirtualDisk
    claim: PersistentVolumeClaim | None
    storage_class: str
    """The class the disk names, or the default one; `""` when there is neither."""
    waits_for_consumer: bool = False
    """Whether volumes of the class are provisioned only when a machine needs them."""
    consumer_due: bool = False
    """Whether a machine needs the disk now."""
    source_ready: bool = True
    """Whether the image exists that the disk is made from."""
    machines: tuple[Machine, ...] = ()
    """Those that list the disk or have it plugged in."""
    snapshots: tuple[VirtualDiskSnapshot, ...] = ()


def disk_is_ours(disk: VirtualDisk) -> bool:
    """A disk that comes back is provisioned by whoever executes snapshots; once it was Ready it is like any other."""
    return not disk.in_recovery


def claim_is_due(scene: DiskScene) -> bool:
    """Not again once the disk was ready: it has lost its data then, and must not turn up blank."""
    return (
        scene.claim is None
        and not scene.disk.metadata.deleting
        and scene.disk.status.phase in _NEVER_READY
        and bool(scene.storage_class)
        and bool(wanted_size(scene.disk))
        and scene.source_ready
    )


def selection_is_due(scene: DiskScene) -> bool:
    return (
        scene.claim is not None
        and scene.waits_for_consumer
        and scene.consumer_due
        and not scene.disk.metadata.deleting
        and scene.claim.status.phase == ClaimPhase.PENDING
        and not _is_selected(scene.claim)
    )


def growth_is_due(scene: DiskScene) -> bool:
    return (
        scene.claim is not None
        and not scene.disk.metadata.deleting
        and scene.claim.status.phase == ClaimPhase.BOUND
        and disk_outgrows(scene.disk, scene.claim)
        and not _growth_is_postponed(scene)
    )


def disk_status(scene: DiskScene, now: str) -> VirtualDiskStatus:
    disk, claim = scene.disk, scene.claim
    phase = _phase(scene)
    observations = [_ready(scene, phase), *_resizing(scene, phase), *_snapshotting(scene, phase)]
    generation = disk.metadata.generation
    return VirtualDiskStatus(
        phase=phase,
        conditions=observed(disk.status.conditions, observations, owned=_OWNED, generation=generation, now=now),
        target=DiskTarget(disk.claim_name) if claim else disk.status.target,
        storage_class_name=claim.spec.storage_class_name if claim else disk.status.storage_class_name,
        capacity=granted_size(claim) if claim else disk.status.capacity,
        source_uid=disk.status.source_uid,
        progress="100%" if phase in {Phase.READY, Phase.RESIZING} else "0%",
        attached_to_virtual_machines=tuple(
            DiskAttachment(machine.metadata.name, mounted=machine.status.phase != MachinePhase.STOPPED)
            for machine in scene.machines
        ),
        observed_generation=generation,
    )


def _phase(scene: DiskScene) -> Phase:
    if scene.disk.metadata.deleting:
        return Phase.TERMINATING
    if scene.claim is None:
        return Phase.PENDING if scene.disk.status.phase in _NEVER_READY else Phase.PVC_LOST
    if scene.claim.status.phase == ClaimPhase.LOST:
        return Phase.PVC_LOST
    if scene.claim.status.phase != ClaimPhase.BOUND:
        waiting = scene.waits_for_consumer and not _is_selected(scene.claim)
        return Phase.WAIT_FOR_FIRST_CONSUMER if waiting else Phase.PROVISIONING
    return Phase.RESIZING if _is_resizing(scene) else Phase.READY


def _is_selected(claim: PersistentVolumeClaim) -> bool:
    return SELECTED_NODE in claim.metadata.annotations


def _ready(scene: DiskScene, phase: Phase) -> Observation:
    name = scene.disk.claim_name
    if phase in {Phase.READY, Phase.RESIZING}:
        return Observation(ConditionType.READY, True, "Ready")
    if phase == Phase.PVC_LOST:
        return Observation(ConditionType.READY, False, "PVCLost", f"PersistentVolumeClaim {name} is gone or lost")
    if phase == Phase.PROVISIONING:
        return Observation(
            ConditionType.READY, False, "Provisioning", f"PersistentVolumeClaim {name} is not bound to a volume yet"
        )
    if phase == Phase.WAIT_FOR_FIRST_CONSUMER:
        return Observation(
            ConditionType.READY, False, "WaitingForFirstConsumer", "provisioned when a machine starts with the disk"
        )
    return _not_started(scene)


def _not_started(scene: DiskScene) -> Observation:
    if not wanted_size(scene.disk):
        return Observation(
            ConditionType.READY,
            False,
            "ProvisioningFailed",
            "the disk has no size; set spec.persistentVolumeClaim.size",
        )
    if not scene.storage_class:
        return Observation(
            ConditionType.READY,
            False,
            "StorageClassIsNotReady",
            "no default StorageClass; set spec.persistentVolumeClaim.storageClassName",
        )
    if not scene.source_ready:
        return Observation(ConditionType.READY, False, "DatasourceIsNotReady", "the image does not exist")
    message = f"PersistentVolumeClaim {scene.disk.claim_name} is due"
    return Observation(ConditionType.READY, False, "ProvisioningNotStarted", message)


def _is_resizing(scene: DiskScene) -> bool:
    if scene.claim is None:
        return False
    outgrows = disk_outgrows(scene.disk, scene.claim) and not _growth_is_postponed(scene)
    return claim_is_growing(scene.claim) or outgrows


def _growth_is_postponed(scene: DiskScene) -> bool:
    """Whoever was first goes on: a snapshot in progress postpones a resize and the other way round."""
    return bool(_unfinished(scene)) and condition_is_true(scene.disk.status.conditions, ConditionType.SNAPSHOTTING)


def _resizing(scene: DiskScene, phase: Phase) -> list[Observation]:
    if phase == Phase.RESIZING:
        return [Observation(ConditionType.RESIZING, True, "InProgress")]
    if phase == Phase.READY and scene.claim and disk_outgrows(scene.disk, scene.claim):
        return [Observation(ConditionType.RESIZING, False, "NotAvailable", "a snapshot of the disk is being taken")]
    return []


def _snapshotting(scene: DiskScene, phase: Phase) -> list[Observation]:
    if not _unfinished(scene):
        return []
    if phase == Phase.READY:
        return [Observation(ConditionType.SNAPSHOTTING, True, "Snapshotting")]
    if phase == Phase.RESIZING:
        return [Observation(ConditionType.SNAPSHOTTING, False, "NotAvailable", "the disk is being resized")]
    return []


def _unfinished(scene: DiskScene) -> tuple[VirtualDiskSnapshot, ...]:
    return tuple(each for each in scene.snapshots if each.status.phase not in FINISHED and not each.metadata.deleting)
