"""VirtualDiskSnapshot: what the page asks before the data of a disk is captured."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.reference import Reference
from webhook.api.virtual_disk_snapshot import VirtualDiskSnapshot
from webhook.facts.disk import Disk
from webhook.facts.facts import Facts
from webhook.findings.finding import Finding
from webhook.findings.snapshots import DISK_NOT_FOUND
from webhook.rules.consistency import consistency_is_possible, one_machine_at_most
from webhook.rules.disk_readiness import disk_can_be_captured

DISK_FIELD = "spec.virtualDiskName"


def check_disk_snapshot(subject: Reference, snapshot: VirtualDiskSnapshot, facts: Facts) -> Iterator[Finding]:
    name = snapshot.spec.virtual_disk_name
    disk = facts.disk(name)
    if disk is None:
        yield DISK_NOT_FOUND.found(
            subject=subject,
            field=DISK_FIELD,
            message=f"VirtualDisk {name} does not exist in namespace {subject.namespace}",
            remedy="check the name: kubectl get vd",
        )
        return
    yield from facts.each(
        disk_can_be_captured(disk, facts, field=DISK_FIELD),
        one_machine_at_most(disk, disk.users, required=snapshot.spec.required_consistency),
        _consistency_is_possible(subject, snapshot, disk, facts),
    )


def _consistency_is_possible(
    subject: Reference, snapshot: VirtualDiskSnapshot, disk: Disk, facts: Facts
) -> Iterator[Finding]:
    machine = facts.machine(disk.users[0]) if len(disk.users) == 1 else None
    if machine is not None:
        yield from consistency_is_possible(subject, machine, required=snapshot.spec.required_consistency)
