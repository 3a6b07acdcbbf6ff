"""VirtualMachineOperation of type Restore: what the page asks before a machine is brought back to a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.reference import Reference
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, Phase
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.facts.facts import Facts
from webhook.facts.holders import Use
from webhook.findings.finding import Finding, Holder
from webhook.findings.restore import (
    ATTACHMENT_USED_BY_ANOTHER_MACHINE,
    DISK_USED_BY_ANOTHER_MACHINE,
    DISKS_WILL_BE_REPLACED,
    MACHINE_UID_MISMATCH,
    MACHINE_WILL_STOP,
)
from webhook.findings.snapshot_source import SNAPSHOT_OF_ANOTHER_MACHINE
from webhook.findings.snapshots import MACHINE_PHASE_UNSUITABLE
from webhook.planning.blueprint import Blueprint
from webhook.planning.moment import readable
from webhook.planning.plan import StepKind
from webhook.planning.situation import RestoreSituation
from webhook.rules.machine_presence import MACHINE_FIELD, as_holder, machine_deleting, machine_not_found
from webhook.rules.quota import quota_suffices
from webhook.rules.rivals import machine_is_free
from webhook.rules.saved_addresses import addresses_are_free
from webhook.rules.saved_dependencies import (
    class_exists,
    images_exist,
    networks_exist,
    secret_is_as_saved,
    storage_classes_exist,
)
from webhook.rules.snapshot_source import snapshot_is_usable

SNAPSHOT_FIELD: Final = "spec.restore.virtualMachineSnapshotName"
_MAKE_ANOTHER: Final = "make a new machine of the snapshot: VirtualMachineSnapshotOperation, type CreateVirtualMachine"
_SNAPSHOTS_WITH_MACHINES: Final = (
    "kubectl get vmsnapshot -o custom-columns=NAME:.metadata.name,MACHINE:.spec.virtualMachineName"
)
_RESTORABLE: Final = frozenset({Phase.RUNNING, Phase.STOPPED, Phase.PENDING, ""})


def check_restore(subject: Reference, situation: RestoreSituation, facts: Facts) -> Iterator[Finding]:
    name = situation.machine_name
    yield from facts.each(
        machine_can_be_restored(subject, situation),
        machine_is_free(name, facts.operations.on_machine(name, asker=situation.operation)),
        snapshot_is_usable(subject, situation.source, facts, field=SNAPSHOT_FIELD),
        _what_is_saved_can_come_back(subject, situation, facts),
    )


def _what_is_saved_can_come_back(subject: Reference, situation: RestoreSituation, facts: Facts) -> Iterator[Finding]:
    name = situation.machine_name
    foreign = [*snapshot_is_of_this_machine(name, situation)]
    yield from foreign
    blueprint = situation.blueprint
    if blueprint is None or foreign:  # all that the snapshot has is another's, and nobody should clear it away for this
        return
    yield from facts.each(
        it_is_the_same_machine(situation, blueprint),
        *(disk_is_not_used_elsewhere(disk.name, name, facts) for disk in blueprint.disks),
        addresses_are_free(blueprint, name, facts, field=SNAPSHOT_FIELD),
        attachments_are_free(blueprint, name, facts),
        *_dependencies(situation, blueprint, facts),
        quota_suffices(subject, situation, blueprint, facts, field=SNAPSHOT_FIELD),
        consequences(situation, blueprint),
    )


def _dependencies(situation: RestoreSituation, blueprint: Blueprint, facts: Facts) -> Iterator[Iterator[Finding]]:
    best_effort = situation.best_effort
    yield images_exist(blueprint, facts, field=SNAPSHOT_FIELD, best_effort=best_effort, required=False)
    yield class_exists(blueprint, facts, field=SNAPSHOT_FIELD, required=False)
    yield networks_exist(blueprint, facts, field=SNAPSHOT_FIELD)
    yield storage_classes_exist(blueprint, facts, field=SNAPSHOT_FIELD)
    if blueprint.provisioning is not None:
        name = blueprint.provisioning.name
        yield secret_is_as_saved(blueprint, facts, name=name, field=SNAPSHOT_FIELD, best_effort=best_effort)


def machine_can_be_restored(subject: Reference, situation: RestoreSituation) -> Iterator[Finding]:
    """The page: the machine to be restored exists."""
    name, machine = situation.machine_name, situation.machine
    if machine is None:
        yield machine_not_found(Reference(VIRTUAL_MACHINE.name, subject.namespace, name), name, remedy=_MAKE_ANOTHER)
        return
    if machine.deleting:
        yield machine_deleting(machine, as_holder(machine), remedy=_MAKE_ANOTHER)
    elif machine.phase not in _RESTORABLE:
        yield MACHINE_PHASE_UNSUITABLE.found(
            subject=machine.reference,
            field=MACHINE_FIELD,
            message=f"{machine.reference} is {machine.phase}, neither Running, Stopped nor Pending",
            remedy=f"wait, or see why: kubectl describe vm {machine.name}",
            holder=as_holder(machine),
        )


def snapshot_is_of_this_machine(name: str, situation: RestoreSituation) -> Iterator[Finding]:
    snapshot = situation.source.snapshot
    if snapshot is not None and snapshot.machine != name:
        yield SNAPSHOT_OF_ANOTHER_MACHINE.found(
            subject=snapshot.reference,
            field=SNAPSHOT_FIELD,
            message=f"{snapshot.reference} is of VirtualMachine {snapshot.machine}, not of {name}",
            remedy=f"use one of {name}: {_SNAPSHOTS_WITH_MACHINES}",
        )


def it_is_the_same_machine(situation: RestoreSituation, blueprint: Blueprint) -> Iterator[Finding]:
    """The page: the uid of the machine matches the one that the snapshot has. No uid matches nothing."""
    machine, saved = situation.machine, blueprint.machine.metadata.uid
    if machine is None or machine.uid == saved:
        return
    told = "was re-created after the snapshot" if saved else "may be another machine: the snapshot has no uid of it"
    yield MACHINE_UID_MISMATCH.found(
        subject=machine.reference,
        field=MACHINE_FIELD,
        message=f"{machine.reference} {told}",
        remedy=_MAKE_ANOTHER,
    )


def disk_is_not_used_elsewhere(disk: str, machine: str, facts: Facts) -> Iterator[Finding]:
    """The page: disks to be restored are not attached to other machines, or do not exist."""
    subject = Reference(VIRTUAL_DISK.name, facts.namespace, disk)
    if facts.get(VIRTUAL_DISK, disk) is None:
        return
    for use in facts.holders.of_disk(disk, other_than=machine):
        yield DISK_USED_BY_ANOTHER_MACHINE.found(
            subject=subject,
            field=SNAPSHOT_FIELD,
            message=f"{subject} is attached to VirtualMachine {use.machine} ({use.phase or Phase.PENDING})",
            remedy=_detach(use),
            holder=Holder.machine_itself(facts.namespace, use.machine, use.phase),
        )


def attachments_are_free(blueprint: Blueprint, machine: str, facts: Facts) -> Iterator[Finding]:
    for saved in blueprint.attachments:
        live = facts.holders.attachment(saved.metadata.name)
        if live is None or live.spec.virtual_machine_name == machine:
            continue
        other = live.spec.virtual_machine_name
        subject = Reference(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name, facts.namespace, live.metadata.name)
        yield ATTACHMENT_USED_BY_ANOTHER_MACHINE.found(
            subject=subject,
            field=SNAPSHOT_FIELD,
            message=f"{subject} plugs into VirtualMachine {other}",
            remedy=f"delete it: kubectl delete vmbda {live.metadata.name}",
            holder=Holder(subject.kind, subject.namespace, subject.name, other, live.status.phase),
        )


def consequences(situation: RestoreSituation, blueprint: Blueprint) -> Iterator[Finding]:
    machine, plan = situation.machine, situation.plan
    again = " and started again" if plan.objects(StepKind.START) else ""
    if machine is not None and plan.objects(StepKind.STOP):
        yield MACHINE_WILL_STOP.found(
            subject=machine.reference,
            field=MACHINE_FIELD,
            message=f"{machine.reference} ({machine.phase or Phase.PENDING}) is stopped for the restore{again}",
        )
    replaced = [each.name for each in plan.objects(StepKind.REPLACE) if each.kind == VIRTUAL_DISK.name]
    if replaced:
        since = readable(blueprint.taken) or "the snapshot"
        yield DISKS_WILL_BE_REPLACED.found(
            subject=blueprint.origin,
            field=SNAPSHOT_FIELD,
            message=f"writes since {since} are lost on {', '.join(replaced)}",
        )


def _detach(use: Use) -> str:
    if use.attachment:
        return f"detach it: kubectl delete vmbda {use.attachment}"
    return f"remove it from that machine: kubectl edit vm {use.machine}"
