"""When the data on a disk can be captured consistently, and what to say when it cannot."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from webhook.api.reference import Reference
from webhook.api.virtual_machine import Phase
from webhook.facts.disk import Disk
from webhook.facts.machine import Machine
from webhook.findings.finding import Finding, Holder
from webhook.findings.snapshots import CONSISTENCY_NOT_GUARANTEED, CONSISTENCY_UNAVAILABLE, DISK_SHARED_BY_MACHINES

CONSISTENCY_FIELD: Final = "spec.requiredConsistency"


def consistency_is_possible(subject: Reference, machine: Machine, *, required: bool) -> Iterator[Finding]:
    """The page: the machine is off, or the guest agent can suspend its file systems; or it is not required."""
    if machine.powered_off:
        return
    state = f"{machine.reference} is {machine.phase or Phase.PENDING}"
    if not required:
        yield CONSISTENCY_NOT_GUARANTEED.noticed(
            subject=subject,
            field=CONSISTENCY_FIELD,
            message=f"{state}, the snapshot may be inconsistent",
            remedy="remove requiredConsistency: false to freeze it first" if machine.agent_ready else None,
        )
    elif not machine.agent_ready:
        yield CONSISTENCY_UNAVAILABLE.found(
            subject=subject,
            field=CONSISTENCY_FIELD,
            message=f"{state} and cannot be frozen, its guest agent is not ready",
            remedy="stop the machine, run qemu-guest-agent in it, or set spec.requiredConsistency: false",
            holder=Holder.machine_itself(machine.reference.namespace, machine.name, machine.phase),
        )


def one_machine_at_most(
    disk: Disk, machines: Collection[str], *, required: bool, field: str = CONSISTENCY_FIELD
) -> Iterator[Finding]:
    """Freezing one guest, or stopping it, leaves the others writing.

    A request that says elsewhere what it captures than in a field about consistency cannot do without it.
    """
    if len(machines) < 2:
        return
    make = DISK_SHARED_BY_MACHINES.found if required else DISK_SHARED_BY_MACHINES.noticed
    yield make(
        subject=disk.reference,
        field=field,
        message=f"{disk.reference} is shared by several machines: {', '.join(sorted(machines))}",
        remedy="stop or detach all but one"
        + (f", or set {CONSISTENCY_FIELD}: false" if required and field == CONSISTENCY_FIELD else ""),
    )
