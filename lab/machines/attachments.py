"""Whether an attachment plugs its device in, and what its status is to say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.machines.conditions import Observation, observed
from lab.machines.kinds import Machine
from webhook.api.virtual_machine import Phase as MachinePhase
from webhook.api.virtual_machine_block_device_attachment import (
    AttachmentStatus,
    ConditionType,
    Phase,
    VirtualMachineBlockDeviceAttachment,
)

_OWNED: Final = frozenset(ConditionType)


@dataclass(frozen=True, slots=True)
class AttachmentScene:
    attachment: VirtualMachineBlockDeviceAttachment
    machine: Machine | None
    device_ready: bool
    rival: str = ""
    """What holds the device in its place, in words; `""` when nothing does."""

    @property
    def may_plug_in(self) -> bool:
        return self.device_ready and not self.rival and not self.attachment.metadata.deleting

    @property
    def running(self) -> bool:
        return self.machine is not None and self.machine.status.phase == MachinePhase.RUNNING

    @property
    def plugged_in(self) -> bool:
        """As the machine says: an attachment is not Attached before its machine lists the device."""
        name = self.attachment.metadata.name
        return self.machine is not None and any(
            each.virtual_machine_block_device_attachment_name == name and each.attached
            for each in self.machine.status.block_device_refs
        )


def attachment_status(scene: AttachmentScene, now: str) -> AttachmentStatus:
    attachment = scene.attachment
    generation = attachment.metadata.generation
    observations = [_device(scene), _machine(scene), _attached(scene)]
    return AttachmentStatus(
        phase=_phase(scene),
        virtual_machine_name=attachment.spec.virtual_machine_name,
        conditions=observed(attachment.status.conditions, observations, owned=_OWNED, generation=generation, now=now),
        observed_generation=generation,
    )


def _phase(scene: AttachmentScene) -> Phase:
    if scene.attachment.metadata.deleting:
        return Phase.TERMINATING
    if scene.rival:
        return Phase.FAILED
    if not scene.running or not scene.device_ready:
        return Phase.PENDING
    return Phase.ATTACHED if scene.plugged_in else Phase.IN_PROGRESS


def _device(scene: AttachmentScene) -> Observation:
    if scene.device_ready:
        return Observation(ConditionType.BLOCK_DEVICE_READY, True, "BlockDeviceReady")
    device = scene.attachment.spec.block_device_ref
    message = f"{device.kind} {device.name} is not ready"
    return Observation(ConditionType.BLOCK_DEVICE_READY, False, "BlockDeviceNotReady", message)


def _machine(scene: AttachmentScene) -> Observation:
    if scene.running:
        return Observation(ConditionType.VIRTUAL_MACHINE_READY, True, "VirtualMachineReady")
    name = scene.attachment.spec.virtual_machine_name
    state = "does not exist" if scene.machine is None else f"is {scene.machine.status.phase or 'not seen yet'}"
    message = f"VirtualMachine {name} {state}"
    return Observation(ConditionType.VIRTUAL_MACHINE_READY, False, "VirtualMachineNotReady", message)


def _attached(scene: AttachmentScene) -> Observation:
    kind = ConditionType.ATTACHED
    if scene.rival:
        return Observation(kind, False, "Conflict", f"the device is held by {scene.rival}")
    if scene.running and scene.plugged_in:
        return Observation(kind, True, "Attached")
    if scene.running and scene.device_ready:
        return Observation(kind, False, "AttachmentRequestSent", "the machine is about to take the device")
    return Observation(kind, False, "NotAttached", "the device or the machine is not ready")
