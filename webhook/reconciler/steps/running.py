"""Whether a machine that is due to run has yet to be waited for."""

from __future__ import annotations

from typing import Final

from webhook.api.virtual_machine import BlockDeviceKind, Phase, VirtualMachine
from webhook.facts.facts import Facts
from webhook.facts.indexes import ATTACHMENTS_BY_MACHINE, in_namespace
from webhook.facts.source import Source

_RUNS: Final = frozenset({Phase.RUNNING, Phase.DEGRADED, Phase.MIGRATING, Phase.PAUSE})


def runs(machine: VirtualMachine) -> bool:
    return machine.status.phase in _RUNS


def disks_of(machine: VirtualMachine, source: Source) -> frozenset[str]:
    """By name: those that its spec lists, and those that are plugged in."""
    attachments = source.find(ATTACHMENTS_BY_MACHINE, in_namespace(machine.metadata.namespace, machine.metadata.name))
    devices = (*machine.spec.block_device_refs, *(each.spec.block_device_ref for each in attachments))
    return frozenset(each.name for each in devices if each.kind == BlockDeviceKind.VIRTUAL_DISK)


def waits_to_run(machine: VirtualMachine, facts: Facts) -> bool:
    """False when it runs, and when it stays Pending for something that its operation had warned is missing."""
    return not runs(machine) and not what_keeps_it_pending(machine, facts)


def what_keeps_it_pending(machine: VirtualMachine, facts: Facts) -> str:
    """Missing dependencies in words; `""` for none."""
    class_name = machine.spec.virtual_machine_class_name
    missing = [f"VirtualMachineClass {class_name}"] if class_name and not facts.class_exists(class_name) else []
    missing += [
        f"{device.kind} {device.name}"
        for device in machine.spec.block_device_refs
        if device.kind != BlockDeviceKind.VIRTUAL_DISK and facts.image(device.kind, device.name) is None
    ]
    return ", ".join(missing)
