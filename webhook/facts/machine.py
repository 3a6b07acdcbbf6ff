"""A machine as rules and the reconciler see it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from webhook.api.meta import Condition, condition, condition_is_true
from webhook.api.reference import Reference, reference_to
from webhook.api.virtual_machine import (
    VIRTUAL_MACHINE,
    BlockDeviceKind,
    BlockDeviceStatus,
    ConditionType,
    NetworkType,
    Phase,
    VirtualMachine,
)

_CAPTURABLE: Final = frozenset({Phase.RUNNING, Phase.STOPPED})


class Machine(Struct, frozen=True, gc=False):
    reference: Reference
    uid: str
    phase: str
    deleting: bool
    agent_ready: bool
    filesystem_frozen: bool
    pending_changes: bool
    """Whether changes of the spec await a restart."""
    devices: tuple[BlockDeviceStatus, ...]
    address_name: str
    """Its VirtualMachineIPAddress; `""` when it has none, or none yet."""
    mac_address_names: tuple[str, ...]
    """Its VirtualMachineMACAddresses: the main network has none."""
    class_name: str
    provisioning_secret: str
    run_policy: str
    conditions: tuple[Condition, ...]

    @property
    def name(self) -> str:
        return self.reference.name

    @property
    def powered_off(self) -> bool:
        """Only phase Stopped counts: in every other phase something may still write to the disks."""
        return self.phase == Phase.STOPPED

    @property
    def capturable(self) -> bool:
        return self.phase in _CAPTURABLE

    @property
    def disk_names(self) -> tuple[str, ...]:
        """Disks that a snapshot of the machine covers: those it is configured with and those hot-plugged."""
        return tuple(device.name for device in self.devices if device.kind == BlockDeviceKind.VIRTUAL_DISK)

    @property
    def images(self) -> tuple[BlockDeviceStatus, ...]:
        return tuple(device for device in self.devices if device.kind != BlockDeviceKind.VIRTUAL_DISK)

    @property
    def attachment_names(self) -> tuple[str, ...]:
        """Attachments of which the machine lists a device."""
        names = (device.virtual_machine_block_device_attachment_name for device in self.devices)
        return tuple(name for name in names if name)

    def unmet(self, condition_type: ConditionType) -> str:
        """Why the machine itself says that this is not so; `""` when it is, or when nothing is said of it."""
        found = condition(self.conditions, condition_type)
        return "" if found is None or found.true else found.reason


def machine_from(machine: VirtualMachine) -> Machine:
    status = machine.status
    return Machine(
        reference=reference_to(VIRTUAL_MACHINE, machine),
        uid=machine.metadata.uid,
        phase=status.phase,
        deleting=machine.metadata.deleting,
        agent_ready=condition_is_true(status.conditions, ConditionType.AGENT_READY),
        filesystem_frozen=condition_is_true(status.conditions, ConditionType.FILESYSTEM_FROZEN),
        pending_changes=bool(status.restart_awaiting_changes),
        devices=_devices(machine),
        address_name=status.ip_address_name or machine.spec.ip_address_name,
        mac_address_names=_mac_address_names(machine),
        class_name=machine.spec.virtual_machine_class_name,
        provisioning_secret=machine.spec.provisioning.secret_name if machine.spec.provisioning else "",
        run_policy=machine.spec.run_policy,
        conditions=status.conditions,
    )


def _mac_address_names(machine: VirtualMachine) -> tuple[str, ...]:
    """Those in the status, where made ones appear, and those in the spec that the status does not show yet."""
    shown = [each.mac_address_name for each in machine.status.networks if each.type != NetworkType.MAIN]
    written = [each.mac_address_name for each in machine.spec.networks if each.type != NetworkType.MAIN]
    return tuple(dict.fromkeys(name for name in (*shown, *written) if name))


def _devices(machine: VirtualMachine) -> tuple[BlockDeviceStatus, ...]:
    """Those in the status, and those in the spec that the status does not show yet."""
    devices = {(device.kind, device.name): device for device in machine.status.block_device_refs}
    for reference in machine.spec.block_device_refs:
        devices.setdefault((reference.kind, reference.name), BlockDeviceStatus(reference.kind, reference.name))
    return tuple(devices.values())
