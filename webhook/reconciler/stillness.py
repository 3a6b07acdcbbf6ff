"""Whether anything may be writing to a disk at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from webhook.api.freeze import FreezeStatus
from webhook.api.meta import condition
from webhook.api.virtual_disk import VirtualDisk
from webhook.api.virtual_machine import ConditionType, Phase, VirtualMachine
from webhook.facts.indexes import DISK_SNAPSHOTS_BY_DISK, MACHINE_SNAPSHOTS_BY_MACHINE, in_namespace
from webhook.facts.machine import Machine
from webhook.facts.source import Source
from webhook.reconciler.clock import parse_time

RUNNING: Final = "Running"
"""The platform's condition of a machine that changes whenever it is switched on or off."""


def holds(freeze: FreezeStatus | None, now: datetime) -> bool:
    """A freeze of ours that nobody ended and that has not run out."""
    return freeze is not None and freeze.outstanding and now < parse_time(freeze.deadline)


def machine_is_still(machine: Machine | None, freeze: FreezeStatus | None, now: datetime) -> bool:
    """Off, absent, or frozen by a claim that holds.

    The deadline is what makes this safe: the guest thaws by itself no earlier than that, and whoever thaws it looks for
    claims first. So "frozen, and before the deadline" means "frozen ever since it was first seen frozen". While a claim
    is open nothing else counts: a guest that is off by now may have thawed and written before it went.
    """
    if freeze is not None and freeze.outstanding:
        return machine is not None and machine.filesystem_frozen and holds(freeze, now)
    return machine is None or machine.powered_off


def standstill_of(machine: VirtualMachine | None) -> str:
    """Names the present standstill of a machine that is still: another one has another name.

    Two looks at the machine cannot tell whether it wrote in between; these times can, to the second.
    """
    if machine is None:
        return "gone"
    told, word = machine.status.conditions, "off"
    moment = condition(told, RUNNING)
    if machine.status.phase != Phase.STOPPED:
        moment, word = condition(told, ConditionType.FILESYSTEM_FROZEN), "frozen"
    return f"{word} since {moment.last_transition_time}" if moment is not None else word


def machines_with(disk: VirtualDisk, machine_name: str | None) -> list[str]:
    """All that have the disk, switched on or not, and the one whose snapshot it is for."""
    named = {each.name for each in disk.status.attached_to_virtual_machines}
    return sorted(named | ({machine_name} if machine_name is not None else set()))


def other_claims(source: Source, machine: Machine, uid: str) -> Iterator[FreezeStatus]:
    """Freezes of this machine that snapshots other than the one with this uid have not given back yet."""
    namespace = machine.reference.namespace
    for snapshot in source.find(MACHINE_SNAPSHOTS_BY_MACHINE, in_namespace(namespace, machine.name)):
        freeze = snapshot.status.freeze
        if freeze is not None and freeze.outstanding and snapshot.metadata.uid != uid:
            yield freeze
    for disk_name in machine.disk_names:
        for disk_snapshot in source.find(DISK_SNAPSHOTS_BY_DISK, in_namespace(namespace, disk_name)):
            freeze = disk_snapshot.status.freeze
            if freeze is not None and freeze.outstanding and disk_snapshot.metadata.uid != uid:
                yield freeze
