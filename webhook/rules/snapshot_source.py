"""What must be true of a machine's snapshot before something is made of it."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.reference import Reference
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import Phase
from webhook.api.virtual_machine import BlockDeviceKind
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.facts import Facts
from webhook.facts.machine_snapshot import MachineSnapshot
from webhook.findings.finding import Finding
from webhook.findings.snapshot_source import (
    SNAPSHOT_CONTENT_TAMPERED,
    SNAPSHOT_CONTENT_UNVERIFIED,
    SNAPSHOT_DATA_MISSING,
    SNAPSHOT_FAILED,
    SNAPSHOT_INCONSISTENT,
    SNAPSHOT_NOT_FOUND,
    SNAPSHOT_NOT_READY,
)
from webhook.planning.situation import Source

_ANOTHER = "use another: kubectl get vmsnapshot"


def snapshot_is_usable(subject: Reference, source: Source, facts: Facts, *, field: str) -> Iterator[Finding]:
    """`field` is where the request names the snapshot."""
    snapshot = source.snapshot
    if snapshot is None:
        yield SNAPSHOT_NOT_FOUND.found(
            subject=Reference(VIRTUAL_MACHINE_SNAPSHOT.name, subject.namespace, source.name),
            field=field,
            message=f"VirtualMachineSnapshot {source.name} does not exist in namespace {subject.namespace}",
            remedy="check the name: kubectl get vmsnapshot",
        )
    elif snapshot.failed:
        yield SNAPSHOT_FAILED.found(
            subject=snapshot.reference,
            field=field,
            message=f"{snapshot.reference} {'is being deleted' if snapshot.deleting else 'is Failed'}",
            remedy=_ANOTHER,
        )
    elif not snapshot.ready:
        yield SNAPSHOT_NOT_READY.found(
            subject=snapshot.reference,
            field=field,
            message=f"{snapshot.reference} is {snapshot.phase or Phase.PENDING}, not Ready",
            remedy=f"wait: kubectl wait vmsnapshot/{snapshot.name} --for=jsonpath={{.status.phase}}=Ready",
        )
    else:
        yield from settings_are_there(snapshot, source, field)
        yield from data_is_there(snapshot, field)
        yield from all_disks_were_saved(snapshot, source, facts, field)
        yield from snapshot_is_consistent(snapshot, field)


def settings_are_there(snapshot: MachineSnapshot, source: Source, field: str) -> Iterator[Finding]:
    """The page: status and Secret hold the machine as it was; what another wrote into the Secret is not that."""
    if source.content is None:
        reason = source.unusable or "no Secret with the machine's settings was recorded"
        yield SNAPSHOT_DATA_MISSING.found(
            subject=snapshot.reference,
            field=field,
            message=f"the settings saved in {snapshot.reference} cannot be read: {reason}",
            remedy=_ANOTHER,
        )
    elif not snapshot.digest:
        yield SNAPSHOT_CONTENT_UNVERIFIED.found(
            subject=snapshot.reference,
            field=field,
            message=f"{snapshot.reference} has no digest, taken by another controller; its content is not verified",
        )
    elif snapshot.digest != source.content.digest:
        yield SNAPSHOT_CONTENT_TAMPERED.found(
            subject=snapshot.reference,
            field=field,
            message=f"Secret {snapshot.secret_name} is not what {snapshot.reference} saved: it was changed since",
            remedy=_ANOTHER,
        )


def data_is_there(snapshot: MachineSnapshot, field: str) -> Iterator[Finding]:
    for disk in snapshot.disks:
        if disk.lost:
            yield SNAPSHOT_DATA_MISSING.found(
                subject=Reference(VIRTUAL_DISK.name, snapshot.reference.namespace, disk.name)
                if disk.name
                else disk.snapshot,
                field=field,
                message=f"the data of VirtualDisk {disk.name or '(name unknown)'} is lost: {disk.lost}",
                remedy=_ANOTHER,
            )


def all_disks_were_saved(snapshot: MachineSnapshot, source: Source, facts: Facts, field: str) -> Iterator[Finding]:
    """A disk that the saved machine lists and the snapshot lacks is taken as it is now; there must be one."""
    if source.content is None:
        return
    saved = {disk.name for disk in snapshot.disks}
    for device in source.content.machine.spec.block_device_refs:
        unsaved = device.kind == BlockDeviceKind.VIRTUAL_DISK and device.name not in saved
        if unsaved and all(disk.name for disk in snapshot.disks) and facts.get(VIRTUAL_DISK, device.name) is None:
            yield SNAPSHOT_DATA_MISSING.found(
                subject=Reference(VIRTUAL_DISK.name, snapshot.reference.namespace, device.name),
                field=field,
                message=f"VirtualDisk {device.name} is not part of {snapshot.reference} and does not exist",
                remedy=_ANOTHER,
            )


def snapshot_is_consistent(snapshot: MachineSnapshot, field: str) -> Iterator[Finding]:
    """The page: restoring from an inconsistent snapshot may bring file system integrity issues."""
    if not snapshot.consistent:
        yield SNAPSHOT_INCONSISTENT.found(
            subject=snapshot.reference,
            field=field,
            message=f"{snapshot.reference} is not consistent, file systems may need a repair",
        )
