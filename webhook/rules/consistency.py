"""When the data on a disk can be captured consistently, and what to say when it cannot."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.reference import Reference
from webhook.facts.machine import Machine
from webhook.findings.catalogue import CONSISTENCY_NOT_GUARANTEED, CONSISTENCY_UNAVAILABLE
from webhook.findings.finding import Finding, Holder

CONSISTENCY_FIELD = "spec.requiredConsistency"


def consistency_is_possible(subject: Reference, machine: Machine, *, required: bool) -> Iterator[Finding]:
    """The page: the machine is off, or the guest agent can suspend its file systems; or it is not required."""
    if machine.powered_off:
        return
    if not required:
        yield CONSISTENCY_NOT_GUARANTEED.noticed(
            subject=subject,
            field=CONSISTENCY_FIELD,
            message=f"{machine.reference} is {machine.phase}, its file systems will not be frozen",
        )
    elif not machine.agent_ready:
        yield CONSISTENCY_UNAVAILABLE.found(
            subject=subject,
            field=CONSISTENCY_FIELD,
            message=f"{machine.reference} is {machine.phase} and its guest agent is not ready",
            remedy="stop the machine, install qemu-guest-agent in it, or set spec.requiredConsistency: false",
            holder=Holder("VirtualMachine", machine.reference.namespace, machine.name, machine.name, machine.phase),
        )
