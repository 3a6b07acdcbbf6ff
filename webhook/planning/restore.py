"""What restoring a machine would do."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from webhook.api.operation import Mode
from webhook.api.reference import Reference, reference_to
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import BlockDeviceKind
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.planning.blueprint import Blueprint, attachments_that_stay, missing_images
from webhook.planning.moment import readable
from webhook.planning.plan import Plan, Step, StepKind
from webhook.planning.power import runs_after_restore


def plan_restore(machine: Machine, blueprint: Blueprint, mode: str, facts: Facts) -> Plan:
    """In the order of execution: what can be refused by others first, the machine's own settings last."""
    return Plan(tuple(_steps(machine, blueprint, mode, facts)))


def _steps(machine: Machine, blueprint: Blueprint, mode: str, facts: Facts) -> Iterator[Step]:
    if not machine.powered_off:
        yield Step(StepKind.STOP, machine.reference)
    yield from _addresses(blueprint, facts)
    yield from _disks(blueprint, facts)
    yield from _attachments(machine, blueprint, mode, facts)
    yield from _provisioning(blueprint, facts)
    yield Step(StepKind.REPLACE, machine.reference, blueprint.origin, "its settings")
    if runs_after_restore(blueprint.machine.spec.run_policy, was_on=not machine.powered_off):
        yield Step(StepKind.START, machine.reference)


def _addresses(blueprint: Blueprint, facts: Facts) -> Iterator[Step]:
    for saved in blueprint.mac_addresses:
        there = facts.mac_address(saved.metadata.name) is not None
        reference = Reference(VIRTUAL_MACHINE_MAC_ADDRESS.name, blueprint.namespace, saved.metadata.name)
        yield _kept_or_created(reference, blueprint.origin, there=there, detail=saved.requested or None)
    address = blueprint.address
    if address is not None:
        live = facts.address(address.metadata.name)
        reference = Reference(VIRTUAL_MACHINE_IP_ADDRESS.name, blueprint.namespace, address.metadata.name)
        if live is not None and becomes_static(live.automatic, live.address, address.requested):
            yield Step(StepKind.REPLACE, reference, blueprint.origin, address.requested)
        else:
            detail = address.requested or "any address"
            yield _kept_or_created(reference, blueprint.origin, there=live is not None, detail=detail)


def becomes_static(automatic: bool, live: str, saved: str) -> bool:
    """The page: a dynamic address is converted and restored as a static one. Only the same address can be."""
    return automatic and bool(saved) and live == saved


def _disks(blueprint: Blueprint, facts: Facts) -> Iterator[Step]:
    for disk in blueprint.disks:
        reference = Reference(VIRTUAL_DISK.name, blueprint.namespace, disk.name)
        kind = StepKind.CREATE if facts.get(VIRTUAL_DISK, disk.name) is None else StepKind.REPLACE
        yield Step(kind, reference, disk.source, data_age(blueprint))


def _attachments(machine: Machine, blueprint: Blueprint, mode: str, facts: Facts) -> Iterator[Step]:
    """What is plugged in besides the saved devices goes before they come, or the machine would refuse them."""
    missing = missing_images(blueprint, facts)
    wanted = attachments_that_stay(blueprint, missing, best_effort=mode == Mode.BEST_EFFORT)
    names = {each.metadata.name for each in wanted}
    for attachment in facts.attachments_of(machine):
        if attachment.reference.name not in names:
            yield Step(StepKind.DELETE, attachment.reference)
    for each in wanted:
        attach = attach_step(each, each.metadata.name, blueprint.namespace, each.spec.block_device_ref.name)
        there = facts.holders.attachment(each.metadata.name) is not None
        yield msgspec.structs.replace(attach, kind=StepKind.REPLACE) if there else attach


def attach_step(attachment: VirtualMachineBlockDeviceAttachment, name: str, namespace: str, device_name: str) -> Step:
    kind = attachment.spec.block_device_ref.kind
    device = Reference(kind, "" if kind == BlockDeviceKind.CLUSTER_VIRTUAL_IMAGE else namespace, device_name)
    return Step(StepKind.ATTACH, Reference(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name, namespace, name), device)


def data_age(blueprint: Blueprint) -> str | None:
    return f"data of {readable(blueprint.taken)}" if blueprint.taken else None


def _provisioning(blueprint: Blueprint, facts: Facts) -> Iterator[Step]:
    saved = blueprint.provisioning
    if saved is not None:
        live = facts.get(SECRET, saved.name)
        reference = reference_to(SECRET, live) if live else Reference(SECRET.name, blueprint.namespace, saved.name)
        yield _kept_or_created(reference, blueprint.origin, there=live is not None, detail=None)


def _kept_or_created(reference: Reference, origin: Reference, *, there: bool, detail: str | None) -> Step:
    if there:
        return Step(StepKind.KEEP, reference)
    return Step(StepKind.CREATE, reference, origin, detail)
