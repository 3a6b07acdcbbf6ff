"""What must be true of the things a machine needs besides its disks before it can be captured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from webhook.api.image import Phase as ImagePhase
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_machine import BlockDeviceKind, BlockDeviceStatus, ConditionType, Phase
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_block_device_attachment import Phase as AttachmentPhase
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.facts.dependency import Dependency
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.findings.code import Code
from webhook.findings.dependencies import (
    ADDRESS_NOT_READY,
    ATTACHMENT_NOT_READY,
    CLASS_NOT_FOUND,
    IMAGE_NOT_READY,
    MAC_ADDRESS_NOT_READY,
    PROVISIONING_SECRET_NOT_FOUND,
)
from webhook.findings.finding import Finding, Holder

_FIELD: Final = "spec.virtualMachineName"
"""Which leads to the machine in every request that captures one."""
_IMAGES: Final[Mapping[str, str]] = {BlockDeviceKind.VIRTUAL_IMAGE: "vi", BlockDeviceKind.CLUSTER_VIRTUAL_IMAGE: "cvi"}
_OVER: Final = frozenset({ImagePhase.FAILED, ImagePhase.IMAGE_LOST, ImagePhase.PVC_LOST, ImagePhase.TERMINATING})
"""Phases of images that no waiting ends."""


def dependencies_are_ready(machine: Machine, facts: Facts) -> Iterator[Finding]:
    """The page: creating the snapshot fails when not all dependencies of the machine are ready.

    Each is looked up itself where that is cheap; what the machine says of it is heard where the look-up finds nothing
    amiss. One finding per thing that is missing.
    """
    yield from facts.each(
        images_are_ready(machine, facts),
        address_is_ready(machine, facts),
        mac_addresses_are_ready(machine, facts),
        attachments_are_ready(machine, facts),
        class_exists(machine, facts),
        provisioning_secret_exists(machine, facts),
    )


def images_are_ready(machine: Machine, facts: Facts) -> Iterator[Finding]:
    yield from facts.each(*(image_is_ready(device, machine, facts) for device in machine.images))


def image_is_ready(device: BlockDeviceStatus, machine: Machine, facts: Facts) -> Iterator[Finding]:
    short = _IMAGES.get(device.kind)
    if short is None:
        return
    subject = Reference(device.kind, _namespace_of(device.kind, machine), device.name)
    image = facts.image(device.kind, device.name)
    if image is None:
        remedy = "create it, or detach it from the machine"
    elif image.deleting or image.phase in _OVER:
        remedy = f"see why: kubectl describe {short} {device.name}"
    else:
        remedy = f"wait: kubectl wait {short}/{device.name} --for=jsonpath={{.status.phase}}=Ready"
    yield from _is_ready(IMAGE_NOT_READY, subject, machine, image, awaited="Ready", remedy=remedy)


def address_is_ready(machine: Machine, facts: Facts) -> Iterator[Finding]:
    found: list[Finding] = []
    if machine.address_name:
        subject = _of_machine(VIRTUAL_MACHINE_IP_ADDRESS.name, machine, machine.address_name)
        address = facts.address(machine.address_name)
        remedy = _see_why("vmip", machine, address)
        found = [*_is_ready(ADDRESS_NOT_READY, subject, machine, address, awaited="Bound", remedy=remedy)]
    yield from found or _as_the_machine_says(
        ADDRESS_NOT_READY, machine, ConditionType.IP_ADDRESS_READY, "the IP address of"
    )


def mac_addresses_are_ready(machine: Machine, facts: Facts) -> Iterator[Finding]:
    found: list[Finding] = []
    for name in machine.mac_address_names:
        subject = _of_machine(VIRTUAL_MACHINE_MAC_ADDRESS.name, machine, name)
        address = facts.mac_address(name)
        remedy = _see_why("vmmac", machine, address)
        found += _is_ready(MAC_ADDRESS_NOT_READY, subject, machine, address, awaited="Bound", remedy=remedy)
    yield from found or _as_the_machine_says(
        MAC_ADDRESS_NOT_READY, machine, ConditionType.MAC_ADDRESS_READY, "a MAC address of"
    )


def attachments_are_ready(machine: Machine, facts: Facts) -> Iterator[Finding]:
    """A machine that is off keeps what was plugged in while it ran, and its attachments are Pending until it runs."""
    plugged_in = set(machine.attachment_names)
    attachments = {attachment.reference.name: attachment for attachment in facts.attachments_of(machine)}
    for name in sorted(plugged_in | attachments.keys()):
        attachment = attachments.get(name)
        settled = attachment is not None and machine.powered_off and name in plugged_in and not attachment.deleting
        if settled:
            continue
        subject = _of_machine(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name, machine, name)
        remedy = _towards_attached(machine, attachment, name)
        yield from _is_ready(ATTACHMENT_NOT_READY, subject, machine, attachment, awaited="Attached", remedy=remedy)


def class_exists(machine: Machine, facts: Facts) -> Iterator[Finding]:
    """One that exists and is not Ready holds up the start of machines, not their capture."""
    if machine.class_name and not facts.class_exists(machine.class_name):
        yield CLASS_NOT_FOUND.found(
            subject=Reference("VirtualMachineClass", "", machine.class_name),
            field=_FIELD,
            message=f"VirtualMachineClass {machine.class_name} of {machine.reference} does not exist",
            remedy="name another in the machine's spec.virtualMachineClassName: kubectl get vmclass",
        )


def provisioning_secret_exists(machine: Machine, facts: Facts) -> Iterator[Finding]:
    """What is in it only the machine's controller judges."""
    name = machine.provisioning_secret
    if not name:
        return
    secret = facts.get(SECRET, name)
    reason = machine.unmet(ConditionType.PROVISIONING_READY)
    if secret is None and facts.knows(SECRET):
        state, remedy = "does not exist", "create it, or name another in the machine's spec.provisioning"
    elif secret is not None and secret.metadata.deleting:
        state, remedy = "is being deleted", f"create it anew once it is gone: kubectl get secret {name}"
    elif reason:
        state, remedy = f"cannot be used ({reason})", f"see why: kubectl describe vm {machine.name}"
    else:
        return
    yield PROVISIONING_SECRET_NOT_FOUND.found(
        subject=_of_machine(SECRET.name, machine, name),
        field=_FIELD,
        message=f"Secret {name}, which provisions {machine.reference}, {state}",
        remedy=remedy,
    )


def _is_ready(
    code: Code, subject: Reference, machine: Machine, found: Dependency | None, *, awaited: str, remedy: str
) -> Iterator[Finding]:
    holder = None
    if found is None:
        state = f"of {machine.reference} does not exist"
    elif found.deleting:
        state = "is being deleted"
    elif found.machine not in {"", machine.name}:
        state = f"belongs to VirtualMachine {found.machine}, not to {machine.reference}"
        holder = Holder.machine_itself(machine.reference.namespace, found.machine)
    elif not found.ready:
        state = f"is {found.phase or Phase.PENDING}, not {awaited}"
    else:
        return
    yield code.found(subject=subject, field=_FIELD, message=f"{subject} {state}", remedy=remedy, holder=holder)


def _as_the_machine_says(code: Code, machine: Machine, condition_type: ConditionType, what: str) -> Iterator[Finding]:
    reason = machine.unmet(condition_type)
    if reason:
        yield code.found(
            subject=machine.reference,
            field=_FIELD,
            message=f"{what} {machine.reference} is not ready ({reason})",
            remedy=f"see why: kubectl describe vm {machine.name}",
        )


def _see_why(short: str, machine: Machine, found: Dependency | None) -> str:
    """Of what is not there, only the machine can tell."""
    return f"see why: kubectl describe {f'vm {machine.name}' if found is None else f'{short} {found.reference.name}'}"


def _towards_attached(machine: Machine, attachment: Dependency | None, name: str) -> str:
    if attachment is None:
        return f"see why: kubectl describe vm {machine.name}"
    if attachment.deleting:
        return f"wait: kubectl wait vmbda/{name} --for=delete"
    if machine.powered_off:
        return f"start the machine, or delete it: kubectl delete vmbda {name}"
    if attachment.phase == AttachmentPhase.FAILED:
        return f"delete it: kubectl delete vmbda {name}"
    return f"wait: kubectl wait vmbda/{name} --for=jsonpath={{.status.phase}}=Attached"


def _of_machine(kind: str, machine: Machine, name: str) -> Reference:
    return Reference(kind, machine.reference.namespace, name)


def _namespace_of(kind: str, machine: Machine) -> str:
    return "" if kind == BlockDeviceKind.CLUSTER_VIRTUAL_IMAGE else machine.reference.namespace
