"""VirtualMachineSnapshot: what the page asks before a machine and its disks are captured."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from webhook.api.reference import Reference
from webhook.api.virtual_machine import ConditionType, Phase
from webhook.api.virtual_machine_snapshot import KeepIPAddress, VirtualMachineSnapshot
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.findings.dependencies import ADDRESS_BECOMES_STATIC, CLASS_NOT_FOUND, IMAGE_NOT_READY
from webhook.findings.finding import Finding, Holder
from webhook.findings.snapshots import (
    DERIVED_NAME_TOO_LONG,
    DISK_DELETING,
    DISK_NOT_READY,
    DISK_RESIZING,
    IMAGES_NOT_SAVED,
    MACHINE_PHASE_UNSUITABLE,
    PENDING_CHANGES_INCLUDED,
    SEVERAL_DRIVERS,
    VOLUME_NOT_BOUND,
)
from webhook.rules.consistency import CONSISTENCY_FIELD, consistency_is_possible, one_machine_at_most
from webhook.rules.dependencies import dependencies_are_ready
from webhook.rules.disk_readiness import disk_can_be_captured
from webhook.rules.machine_presence import MACHINE_FIELD, machine_deleting, machine_not_found

ADDRESS_FIELD: Final = "spec.keepIPAddress"
MAX_DISK_NAME: Final = 253 - len("-") - 36
"""A child snapshot is named `<disk>-<uid of the machine snapshot>`, a uid has 36 characters, a name at most 253."""
_ABOUT_DEVICES: Final = frozenset(
    code.name for code in (DISK_DELETING, DISK_NOT_READY, DISK_RESIZING, IMAGE_NOT_READY, VOLUME_NOT_BOUND)
)


def check_machine_snapshot(subject: Reference, snapshot: VirtualMachineSnapshot, facts: Facts) -> Iterator[Finding]:
    name = snapshot.spec.virtual_machine_name
    machine = facts.machine(name)
    if machine is None:
        yield machine_not_found(subject, name, remedy="check the name: kubectl get vm")
        return
    required = snapshot.spec.required_consistency
    yield from facts.each(
        machine_can_be_captured(machine),
        devices_and_dependencies_are_ready(machine, facts, required=required),
        consistency_is_possible(subject, machine, required=required) if machine.capturable else (),
        address_keeps_its_type(snapshot, machine, facts),
        images_are_saved_elsewhere(machine),
        pending_changes_are_meant(machine),
        one_storage_system(subject, machine, facts),
    )


def what_a_clone_captures_is_ready(machine: Machine, facts: Facts) -> Iterator[Finding]:
    """A clone takes a snapshot first. Images and a class that do not exist have codes of their own for clones."""
    for finding in devices_and_dependencies_are_ready(machine, facts, required=True, sharing_field=MACHINE_FIELD):
        missing_image = (
            finding.code == IMAGE_NOT_READY.name and facts.image(finding.subject.kind, finding.subject.name) is None
        )
        if not missing_image and finding.code != CLASS_NOT_FOUND.name:
            yield finding


def devices_and_dependencies_are_ready(
    machine: Machine, facts: Facts, *, required: bool, sharing_field: str = CONSISTENCY_FIELD
) -> Iterator[Finding]:
    found = [
        *dependencies_are_ready(machine, facts),
        *facts.each(
            *(
                disk_of_machine_can_be_captured(machine, name, facts, required=required, sharing_field=sharing_field)
                for name in machine.disk_names
            ),
            *(child_name_is_short_enough(machine, name) for name in machine.disk_names),
        ),
    ]
    yield from found
    yield from block_devices_are_ready(machine, {finding.code for finding in found})


def disk_of_machine_can_be_captured(
    machine: Machine, name: str, facts: Facts, *, required: bool, sharing_field: str
) -> Iterator[Finding]:
    disk = facts.disk(name)
    if disk is None:
        yield from disk_of_machine_exists(machine, name)
        return
    yield from facts.each(
        disk_can_be_captured(disk, facts, field=MACHINE_FIELD),
        one_machine_at_most(disk, {machine.name, *disk.users}, required=required, field=sharing_field),
    )


def machine_can_be_captured(machine: Machine) -> Iterator[Finding]:
    holder = Holder.machine_itself(machine.reference.namespace, machine.name, machine.phase)
    if machine.deleting:
        yield machine_deleting(machine, holder, remedy="name another: kubectl get vm")
    elif not machine.capturable:
        yield MACHINE_PHASE_UNSUITABLE.found(
            subject=machine.reference,
            field=MACHINE_FIELD,
            message=f"{machine.reference} is {machine.phase or Phase.PENDING}, neither Running nor Stopped",
            remedy=f"wait, or see why: kubectl describe vm {machine.name}",
            holder=holder,
        )


def disk_of_machine_exists(machine: Machine, disk_name: str) -> Iterator[Finding]:
    """The page: creating the snapshot fails when not all dependencies of the machine are ready."""
    yield DISK_NOT_READY.found(
        subject=Reference("VirtualDisk", machine.reference.namespace, disk_name),
        field=MACHINE_FIELD,
        message=f"VirtualDisk {disk_name} of {machine.reference} does not exist",
        remedy=f"create it, or remove it from the machine: kubectl edit vm {machine.name}",
    )


def block_devices_are_ready(machine: Machine, told: Collection[str]) -> Iterator[Finding]:
    """What the machine says of its devices, heard when no device by itself tells what is amiss."""
    reason = machine.unmet(ConditionType.BLOCK_DEVICES_READY)
    if reason and _ABOUT_DEVICES.isdisjoint(told):
        yield DISK_NOT_READY.found(
            subject=machine.reference,
            field=MACHINE_FIELD,
            message=f"the block devices of {machine.reference} are not ready ({reason})",
            remedy=f"see why: kubectl describe vm {machine.name}",
        )


def child_name_is_short_enough(machine: Machine, disk_name: str) -> Iterator[Finding]:
    if len(disk_name) > MAX_DISK_NAME:
        yield DERIVED_NAME_TOO_LONG.found(
            subject=Reference("VirtualDisk", machine.reference.namespace, disk_name),
            field=MACHINE_FIELD,
            message=f"the name of VirtualDisk {disk_name} is too long to make the name of its snapshot from it",
            remedy=f"recreate the disk under a name of at most {MAX_DISK_NAME} characters",
        )


def address_keeps_its_type(snapshot: VirtualMachineSnapshot, machine: Machine, facts: Facts) -> Iterator[Finding]:
    """The page: a dynamic address is converted to a static one, unless keepIPAddress is Never."""
    if snapshot.spec.keep_ip_address != KeepIPAddress.ALWAYS or not machine.address_name:
        return
    address = facts.address(machine.address_name)
    if address is not None and address.ready and address.automatic:
        yield ADDRESS_BECOMES_STATIC.noticed(
            subject=address.reference,
            field=ADDRESS_FIELD,
            message=f"{address.address or address.reference} is Auto and is saved as Static",
            remedy="set keepIPAddress: Never to save it as Auto",
        )


def images_are_saved_elsewhere(machine: Machine) -> Iterator[Finding]:
    """The page: disk images are not saved together with the snapshot; disconnect them first."""
    if machine.images:
        names = ", ".join(sorted(f"{image.kind} {image.name}" for image in machine.images))
        yield IMAGES_NOT_SAVED.found(
            subject=machine.reference,
            field=MACHINE_FIELD,
            message=f"images are not saved: {names}",
            remedy="detach them first, or keep them for restoring",
        )


def pending_changes_are_meant(machine: Machine) -> Iterator[Finding]:
    """The page: changes that await a restart are included in the snapshot."""
    if machine.pending_changes:
        yield PENDING_CHANGES_INCLUDED.found(
            subject=machine.reference,
            field=MACHINE_FIELD,
            message=f"changes of {machine.reference} that await a restart are saved too",
            remedy="undo what is not meant",
        )


def one_storage_system(subject: Reference, machine: Machine, facts: Facts) -> Iterator[Finding]:
    disks = [disk for disk in map(facts.disk, machine.disk_names) if disk is not None]
    drivers = sorted({disk.claim.driver for disk in disks if disk.claim is not None and disk.claim.driver})
    if len(drivers) > 1:
        yield SEVERAL_DRIVERS.found(
            subject=subject,
            field=MACHINE_FIELD,
            message=f"disks on {len(drivers)} storage systems are not captured at one instant: {', '.join(drivers)}",
            remedy="keep disks that belong together on one",
        )
