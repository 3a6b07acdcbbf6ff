"""DataExport: what the page asks before data leaves the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.data_export import DataExport
from webhook.api.reference import Reference
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.facts.disk import Disk
from webhook.facts.facts import Facts
from webhook.findings.export import EXPORT_TARGET_IN_USE
from webhook.findings.finding import Finding, Holder
from webhook.rules.machine_presence import until_off

TARGET_FIELD: Final = "spec.targetRef.name"


def check_data_export(_: Reference, export: DataExport, facts: Facts) -> Iterator[Finding]:
    """A snapshot of a disk is never in use; a claim is as its disk is."""
    target = export.spec.target_ref
    disk = None
    if target.kind == VIRTUAL_DISK.name:
        disk = facts.disk(target.name)
    elif target.kind == PERSISTENT_VOLUME_CLAIM.name:
        disk = facts.disk_of_claim(target.name)
    if disk is not None:
        yield from disk_is_not_in_use(disk, facts)


def disk_is_not_in_use(disk: Disk, facts: Facts) -> Iterator[Finding]:
    """The page: if the disk is attached to a VM, that VM must be stopped first."""
    for name in disk.users:
        machine = facts.machine(name)
        phase = machine.phase if machine is not None else ""
        yield EXPORT_TARGET_IN_USE.found(
            subject=disk.reference,
            field=TARGET_FIELD,
            message=f"{disk.reference} is in use by VirtualMachine {name}{f' ({phase})' if phase else ''}",
            remedy=until_off(machine) if machine is not None else f"stop it first: d8 v stop {name}",
            holder=Holder.machine_itself(disk.reference.namespace, name, phase),
        )
