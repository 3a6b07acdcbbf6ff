"""What copying a machine would do, from the machine itself or from a snapshot of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.operation import Mode
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, BlockDeviceKind
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.facts import Facts
from webhook.planning.blueprint import Blueprint, attachments_that_stay, missing_images
from webhook.planning.naming import Naming
from webhook.planning.plan import Plan, Step, StepKind
from webhook.planning.power import starts_by_itself
from webhook.planning.restore import attach_step, data_age

TEMPORARY_SNAPSHOT_PREFIX: Final = "vmop-clone-"
"""As the platform names the snapshots that clones take."""


def plan_copy(blueprint: Blueprint, naming: Naming, mode: str, facts: Facts) -> Plan:
    return Plan(tuple(_steps(blueprint, naming, mode, facts)))


def plan_clone(blueprint: Blueprint, naming: Naming, mode: str, facts: Facts, *, operation_uid: str) -> Plan:
    """From a machine: a temporary snapshot before, and its end after. The machine is off, so nothing is frozen."""
    name = temporary_snapshot_name(operation_uid)
    temporary = Reference(VIRTUAL_MACHINE_SNAPSHOT.name, blueprint.namespace, name)
    first = Step(StepKind.CREATE, temporary, blueprint.origin, "temporary")
    last = Step(StepKind.DELETE, temporary)
    return Plan((first, *_steps(blueprint, naming, mode, facts), last))


def temporary_snapshot_name(operation_uid: str) -> str:
    """Known before it is created, so that a crash in between leaves nothing that cannot be found again."""
    return f"{TEMPORARY_SNAPSHOT_PREFIX}{operation_uid or '*'}"


def _steps(blueprint: Blueprint, naming: Naming, mode: str, facts: Facts) -> Iterator[Step]:
    namespace = blueprint.namespace
    taken = data_age(blueprint)
    for disk in blueprint.disks:
        name = naming.of(VIRTUAL_DISK.name, disk.name)
        yield Step(StepKind.CREATE, Reference(VIRTUAL_DISK.name, namespace, name), disk.source, taken)
    missing = missing_images(blueprint, facts)
    for attachment in attachments_that_stay(blueprint, missing, best_effort=mode == Mode.BEST_EFFORT):
        device = attachment.spec.block_device_ref
        plugged = naming.of(device.kind, device.name) if device.kind == BlockDeviceKind.VIRTUAL_DISK else device.name
        name = naming.of(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name, attachment.metadata.name)
        yield attach_step(attachment, name, namespace, plugged)
    if blueprint.provisioning is not None:
        original = Reference(SECRET.name, namespace, blueprint.provisioning.name)
        copy = Reference(SECRET.name, namespace, naming.of(SECRET.name, original.name))
        shared = copy == original and facts.get(SECRET, copy.name) is not None
        yield Step(StepKind.KEEP, copy) if shared else Step(StepKind.CREATE, copy, blueprint.origin)
    machine = Reference(VIRTUAL_MACHINE.name, namespace, naming.of(VIRTUAL_MACHINE.name, blueprint.machine_name))
    yield Step(StepKind.CREATE, machine, blueprint.origin)
    if starts_by_itself(blueprint.machine.spec.run_policy):
        yield Step(StepKind.START, machine)
