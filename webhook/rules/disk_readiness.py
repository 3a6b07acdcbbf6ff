"""What must be true of a disk before its data can be captured."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.quantity import exceeds
from webhook.api.virtual_disk import Phase
from webhook.facts.disk import Claim, Disk
from webhook.facts.facts import Facts
from webhook.findings.finding import Finding
from webhook.findings.snapshots import (
    DISK_DELETING,
    DISK_NOT_READY,
    DISK_RESIZING,
    VOLUME_NOT_BOUND,
    VOLUME_SNAPSHOT_CLASS_MISSING,
)


def disk_can_be_captured(disk: Disk, facts: Facts, *, field: str) -> Iterator[Finding]:
    """`field` is where the request names the disk, or the machine that has it.

    A disk in a state that has a code of its own is not reported as "not ready" as well.
    """
    if disk.deleting:
        yield from disk_is_not_deleting(disk, field)
    elif disk.resizing:
        yield from disk_is_not_resizing(disk, field)
    elif not disk.volume_bound:
        yield from volume_is_bound(disk, field)
    else:
        yield from disk_is_ready(disk, field)
    if disk.claim is not None and (disk.volume_bound or disk.claim.driver):
        yield from storage_takes_snapshots(disk, disk.claim, facts, field)


def disk_is_not_deleting(disk: Disk, field: str) -> Iterator[Finding]:
    if disk.deleting:
        yield DISK_DELETING.found(
            subject=disk.reference,
            field=field,
            message=f"{disk.reference} is being deleted",
            remedy="use a disk that stays: kubectl get vd",
        )


def disk_is_not_resizing(disk: Disk, field: str) -> Iterator[Finding]:
    """The page: a snapshot fails while a disk among its devices is being resized."""
    if disk.resizing:
        yield DISK_RESIZING.found(
            subject=disk.reference,
            field=field,
            message=f"{disk.reference} is being resized{_growth(disk)}",
            remedy=f"wait: {_wait_until_ready(disk)}",
        )


def volume_is_bound(disk: Disk, field: str) -> Iterator[Finding]:
    if disk.volume_bound:
        return
    if disk.waits_for_first_consumer:
        yield VOLUME_NOT_BOUND.found(
            subject=disk.reference,
            field=field,
            message=f"{disk.reference} has no volume until a machine starts with it",
            remedy="start a machine that uses it",
        )
    elif disk.ready:
        yield VOLUME_NOT_BOUND.found(
            subject=disk.reference,
            field=field,
            message=f"{disk.reference} has no bound volume",
            remedy=f"see why: kubectl describe vd {disk.name}",
        )
    else:
        yield from disk_is_ready(disk, field)


def disk_is_ready(disk: Disk, field: str) -> Iterator[Finding]:
    """The page: a snapshot waits for the resources it depends on to be ready."""
    if not disk.ready:
        yield DISK_NOT_READY.found(
            subject=disk.reference,
            field=field,
            message=f"{disk.reference} is {disk.phase or Phase.PENDING}, not Ready",
            remedy=_towards_ready(disk),
        )


def storage_takes_snapshots(disk: Disk, claim: Claim, facts: Facts, field: str) -> Iterator[Finding]:
    if not facts.snapshots_are_possible_with(claim.driver):
        yield VOLUME_SNAPSHOT_CLASS_MISSING.found(
            subject=disk.reference,
            field=field,
            message=f"the storage of {disk.reference} ({claim.driver or 'driver unknown'}) has no VolumeSnapshotClass",
            remedy="ask an administrator to add one",
        )


def _growth(disk: Disk) -> str:
    sizes = [(disk.capacity, disk.requested)]
    if disk.claim is not None:
        sizes.append((disk.claim.granted, disk.claim.requested))
    return next((f" from {granted} to {wanted}" for granted, wanted in sizes if exceeds(wanted, granted)), "")


def _towards_ready(disk: Disk) -> str:
    """Waiting ends only where something is under way."""
    match disk.phase:
        case Phase.WAIT_FOR_USER_UPLOAD:
            return "upload its data first"
        case Phase.FAILED | Phase.PVC_LOST | Phase.TERMINATING:
            return f"see why: kubectl describe vd {disk.name}"
        case _:
            return f"wait: {_wait_until_ready(disk)}"


def _wait_until_ready(disk: Disk) -> str:
    return f"kubectl wait vd/{disk.name} --for=jsonpath={{.status.phase}}=Ready"
