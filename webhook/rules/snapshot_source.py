"""What must be true of a machine's snapshot before something is made of it."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import Phase
from webhook.api.virtual_machine import BlockDeviceKind
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.content.saved import SavedContent
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
from webhook.planning.naming import Naming
from webhook.planning.situation import Source

_ANOTHER = "use another: kubectl get vmsnapshot"


def snapshot_is_usable(
    subject: Reference, source: Source, facts: Facts, *, field: str, naming: Naming | None = None
) -> Iterator[Finding]:
    """`field` is where the request names the snapshot, `naming` that of a copy: None where the machine comes back."""
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
        yield from facts.each(
            settings_are_there(snapshot, source, field),
            data_is_there(snapshot, naming, field),
            all_was_saved(snapshot, source, facts, naming, field),
            snapshot_is_consistent(snapshot, field),
        )


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


def all_was_saved(
    snapshot: MachineSnapshot, source: Source, facts: Facts, naming: Naming | None, field: str
) -> Iterator[Finding]:
    content = source.content
    if content is not None:
        yield from facts.each(
            settings_are_of_its_machine(snapshot, content, field),
            disks_were_saved(snapshot, content, facts, naming, field),
            provisioning_was_saved(snapshot, content, facts, naming, field),
        )


def settings_are_of_its_machine(snapshot: MachineSnapshot, content: SavedContent, field: str) -> Iterator[Finding]:
    """Without a digest this is the one thing that tells settings of another machine."""
    saved = content.machine.metadata.name
    if saved != snapshot.machine:
        yield SNAPSHOT_CONTENT_TAMPERED.found(
            subject=snapshot.reference,
            field=field,
            message=f"Secret {snapshot.secret_name} holds VirtualMachine {saved or '(without a name)'}, "
            f"and {snapshot.reference} is of {snapshot.machine}",
            remedy=_ANOTHER,
        )


def data_is_there(snapshot: MachineSnapshot, naming: Naming | None, field: str) -> Iterator[Finding]:
    for disk in snapshot.disks:
        if not disk.lost:
            continue
        name = naming.of(VIRTUAL_DISK.name, disk.name) if naming is not None else disk.name
        of_what = f"VirtualDisk {disk.name}" if disk.name else "a disk"
        yield SNAPSHOT_DATA_MISSING.found(
            subject=Reference(VIRTUAL_DISK.name, snapshot.reference.namespace, name) if disk.name else disk.snapshot,
            field=field,
            message=f"the data of {of_what} is lost: {disk.lost}",
            remedy=_ANOTHER,
        )


def disks_were_saved(
    snapshot: MachineSnapshot, content: SavedContent, facts: Facts, naming: Naming | None, field: str
) -> Iterator[Finding]:
    """A disk that the saved machine has and the snapshot lacks is taken as it is now, by the machine itself only."""
    if not all(disk.name for disk in snapshot.disks):
        return
    devices = (*content.machine.spec.block_device_refs, *(each.spec.block_device_ref for each in content.attachments))
    had = dict.fromkeys(device.name for device in devices if device.kind == BlockDeviceKind.VIRTUAL_DISK)
    saved = {disk.name for disk in snapshot.disks}
    for name in (each for each in had if each not in saved):
        if naming is not None or facts.get(VIRTUAL_DISK, name) is None:
            absent = "" if naming is not None else " and does not exist"
            yield _not_saved(snapshot, Reference(VIRTUAL_DISK.name, snapshot.reference.namespace, name), absent, field)


def provisioning_was_saved(
    snapshot: MachineSnapshot, content: SavedContent, facts: Facts, naming: Naming | None, field: str
) -> Iterator[Finding]:
    """A Secret that was not saved can be shared, not copied."""
    provisioning = content.machine.spec.provisioning
    name = provisioning.secret_name if provisioning is not None else ""
    if not name or (content.provisioning is not None and content.provisioning.name == name):
        return
    renamed = naming is not None and naming.of(SECRET.name, name) != name
    if renamed or facts.get(SECRET, name) is None:
        absent = ", so it cannot be copied" if renamed else " and does not exist"
        yield _not_saved(snapshot, Reference(SECRET.name, snapshot.reference.namespace, name), absent, field)


def _not_saved(snapshot: MachineSnapshot, what: Reference, consequence: str, field: str) -> Finding:
    return SNAPSHOT_DATA_MISSING.found(
        subject=what,
        field=field,
        message=f"{what} of the saved machine is not part of {snapshot.reference}{consequence}",
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
