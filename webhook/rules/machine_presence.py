"""The machine that a request names: it is there, and stays."""

from __future__ import annotations

from typing import Final

from webhook.api.reference import Reference
from webhook.api.virtual_machine import Phase, RunPolicy
from webhook.facts.machine import Machine
from webhook.findings.finding import Finding, Holder
from webhook.findings.snapshots import MACHINE_DELETING, MACHINE_NOT_FOUND

MACHINE_FIELD: Final = "spec.virtualMachineName"


def machine_not_found(subject: Reference, name: str, *, remedy: str) -> Finding:
    """`subject` is what the finding is about, in the namespace where the machine was looked for."""
    return MACHINE_NOT_FOUND.found(
        subject=subject,
        field=MACHINE_FIELD,
        message=f"VirtualMachine {name} does not exist in namespace {subject.namespace}",
        remedy=remedy,
    )


def machine_deleting(machine: Machine, holder: Holder, *, remedy: str) -> Finding:
    return MACHINE_DELETING.found(
        subject=machine.reference,
        field=MACHINE_FIELD,
        message=f"{machine.reference} is being deleted",
        remedy=remedy,
        holder=holder,
    )


def as_holder(machine: Machine) -> Holder:
    return Holder.machine_itself(machine.reference.namespace, machine.name, machine.phase)


def until_off(machine: Machine) -> str:
    """How to have it off. The platform does not stop a machine whose run policy starts it again, nor one that stops
    anyway (platform API facts, section 1.3)."""
    name = machine.name
    if machine.run_policy == RunPolicy.ALWAYS_ON:
        return f"set its spec.runPolicy: Manual, then stop it: d8 v stop {name}"
    if machine.run_policy == RunPolicy.ALWAYS_OFF or machine.phase == Phase.STOPPING:
        return f"wait: kubectl wait vm/{name} --for=jsonpath={{.status.phase}}=Stopped"
    return f"stop it first: d8 v stop {name}"
