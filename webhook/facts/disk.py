"""A disk and the claim that holds its data, as rules and the reconciler see them."""

from __future__ import annotations

from msgspec import Struct

from webhook.api.meta import condition_is_true
from webhook.api.quantity import exceeds
from webhook.api.reference import Reference, reference_to
from webhook.api.storage import ClaimPhase, PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK, ConditionType, Phase, VirtualDisk


class Claim(Struct, frozen=True, gc=False):
    name: str
    bound: bool
    driver: str
    """The CSI driver that provisioned it, from the claim or, failing that, its storage class; `""` when unknown."""
    requested: str
    granted: str
    resizing: bool
    storage_class: str = ""


class Disk(Struct, frozen=True, gc=False):
    reference: Reference
    uid: str
    phase: str
    deleting: bool
    requested: str
    capacity: str
    users: tuple[str, ...]
    """Names of the machines that may be writing to the disk, sorted: all that have it and are not known to be off."""
    claim: Claim | None
    resize_reported: bool

    @property
    def name(self) -> str:
        return self.reference.name

    @property
    def ready(self) -> bool:
        return self.phase == Phase.READY

    @property
    def waits_for_first_consumer(self) -> bool:
        return self.phase == Phase.WAIT_FOR_FIRST_CONSUMER

    @property
    def volume_bound(self) -> bool:
        return self.claim is not None and self.claim.bound

    @property
    def resizing(self) -> bool:
        """Any sign of it: the disk's status follows the claim's only when its controller has noticed."""
        return self.resize_reported or (
            self.claim is not None
            and (
                self.claim.resizing
                or exceeds(self.claim.requested, self.claim.granted)
                or exceeds(self.requested, self.claim.requested)
            )
        )


def claim_from(claim: PersistentVolumeClaim, *, class_provisioner: str) -> Claim:
    return Claim(
        name=claim.metadata.name,
        bound=claim.status.phase == ClaimPhase.BOUND,
        driver=claim.driver or class_provisioner,
        requested=claim.spec.resources.requests.get("storage", ""),
        granted=claim.status.capacity.get("storage", ""),
        resizing=any(each.type == "Resizing" and each.status == "True" for each in claim.status.conditions),
        storage_class=claim.spec.storage_class_name,
    )


def disk_from(disk: VirtualDisk, claim: Claim | None, *, users: tuple[str, ...]) -> Disk:
    status = disk.status
    return Disk(
        reference=reference_to(VIRTUAL_DISK, disk),
        uid=disk.metadata.uid,
        phase=status.phase,
        deleting=disk.metadata.deleting,
        requested=disk.spec.persistent_volume_claim.size,
        capacity=status.capacity,
        users=users,
        claim=claim,
        resize_reported=status.phase == Phase.RESIZING or condition_is_true(status.conditions, ConditionType.RESIZING),
    )
