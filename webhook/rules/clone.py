"""VirtualMachineOperation of type Clone: what the page asks before a machine is copied."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.reference import Reference
from webhook.api.virtual_machine import VIRTUAL_MACHINE, Phase
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.findings.clone import SOURCE_MACHINE_RUNNING
from webhook.findings.finding import Finding
from webhook.planning.situation import CloneSituation
from webhook.rules.copy_names import check_names
from webhook.rules.copying import copy_is_possible
from webhook.rules.machine_presence import MACHINE_FIELD, as_holder, machine_deleting, machine_not_found
from webhook.rules.machine_snapshot import what_a_clone_captures_is_ready
from webhook.rules.rivals import changes_its_machine, machine_is_free


def check_clone(subject: Reference, situation: CloneSituation, facts: Facts) -> Iterator[Finding]:
    yield from facts.each(
        check_names(subject, situation, facts),
        machine_can_be_cloned(subject, situation, facts),
        copy_is_possible(subject, situation, facts),
    )


def machine_can_be_cloned(subject: Reference, situation: CloneSituation, facts: Facts) -> Iterator[Finding]:
    name, machine = situation.machine_name, situation.machine
    if machine is None:
        reference = Reference(VIRTUAL_MACHINE.name, subject.namespace, name)
        yield machine_not_found(reference, name, remedy="check the name: kubectl get vm")
        return
    rivals = facts.operations.on_machine(name, asker=situation.operation)
    yield from facts.each(
        source_is_powered_off(machine),
        machine_is_free(name, (rival for rival in rivals if changes_its_machine(rival))),
        what_a_clone_captures_is_ready(machine, facts),
    )


def source_is_powered_off(machine: Machine) -> Iterator[Finding]:
    """The page: before cloning, the source machine must be powered off."""
    holder = as_holder(machine)
    if machine.deleting:
        yield machine_deleting(machine, holder, remedy="name another: kubectl get vm")
    elif not machine.powered_off:
        yield SOURCE_MACHINE_RUNNING.found(
            subject=machine.reference,
            field=MACHINE_FIELD,
            message=f"{machine.reference} is {machine.phase or Phase.PENDING}, and only one that is off is cloned",
            remedy=f"stop it first: d8 v stop {machine.name}",
            holder=holder,
        )
