"""What a machine's status is to say. Pure: the scene holds all that matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lab.machines.conditions import Observation, observed
from lab.machines.kinds import BlockDevice, Machine, MachineStatus
from lab.machines.power import Circumstances
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_disk import VirtualDisk
from webhook.api.virtual_disk_snapshot import Phase as SnapshotPhase
from webhook.api.virtual_machine import BlockDeviceKind, BlockDeviceReference, ConditionReason, ConditionType, Phase
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshot

AGENT: Final = "lab.snapgate/agent"
"""Annotation: `"false"` runs the machine without a guest agent."""
PENDING_CHANGES: Final = "lab.snapgate/pending-changes"
"""Annotation: `"true"` reports changes that await a restart."""

_OWNED: Final = frozenset(
    {
        ConditionType.BLOCK_DEVICES_READY,
        ConditionType.AGENT_READY,
        ConditionType.FILESYSTEM_FROZEN,
        ConditionType.SNAPSHOTTING,
    }
)
_USABLE: Final = frozenset({DiskPhase.READY, DiskPhase.RESIZING})
_POWERED: Final = frozenset({Phase.STARTING, Phase.RUNNING, Phase.STOPPING})
_FINISHED: Final = frozenset({SnapshotPhase.READY, SnapshotPhase.FAILED, SnapshotPhase.TERMINATING})


@dataclass(frozen=True, slots=True)
class MachineScene:
    machine: Machine
    disks: Mapping[str, VirtualDisk] = field(default_factory=dict)
    """Those that the spec lists and that exist, by name."""
    snapshots: tuple[VirtualMachineSnapshot, ...] = ()
    frozen: bool = False


def has_agent(machine: Machine) -> bool:
    return machine.metadata.annotations.get(AGENT) != "false"


def circumstances(scene: MachineScene) -> Circumstances:
    return Circumstances(
        run_policy=scene.machine.spec.run_policy,
        disks_ready=not _missing(scene),
        start_withheld=any(each.status.phase == SnapshotPhase.IN_PROGRESS for each in _unfinished(scene)),
        deleting=scene.machine.metadata.deleting,
    )


def machine_status(scene: MachineScene, phase: Phase, now: str) -> MachineStatus:
    machine = scene.machine
    observations = [_block_devices(scene), *_agent(scene, phase), *_frozen(scene, phase), *_snapshotting(scene)]
    return MachineStatus(
        phase=phase,
        conditions=observed(
            machine.status.conditions,
            observations,
            owned=_OWNED,
            generation=machine.metadata.generation,
            now=now,
        ),
        block_device_refs=tuple(
            _device(scene, position, reference, phase)
            for position, reference in enumerate(machine.spec.block_device_refs)
        ),
        restart_awaiting_changes=_changes_awaiting_restart(machine),
        observed_generation=machine.metadata.generation,
    )


def _device(scene: MachineScene, position: int, reference: BlockDeviceReference, phase: Phase) -> BlockDevice:
    disk = scene.disks.get(reference.name) if reference.kind == BlockDeviceKind.VIRTUAL_DISK else None
    powered = phase in _POWERED
    return BlockDevice(
        kind=reference.kind,
        name=reference.name,
        attached=powered and (disk is not None or reference.kind != BlockDeviceKind.VIRTUAL_DISK),
        size=disk.status.capacity if disk else "",
        target=f"sd{chr(ord('a') + position)}" if powered else "",
    )


def _missing(scene: MachineScene) -> list[str]:
    """Disks that the machine waits for. Images are always there: the lab has none, and a snapshot only lists them."""
    names = (each.name for each in scene.machine.spec.block_device_refs if each.kind == BlockDeviceKind.VIRTUAL_DISK)
    return [name for name in names if name not in scene.disks or scene.disks[name].status.phase not in _USABLE]


def _block_devices(scene: MachineScene) -> Observation:
    missing = _missing(scene)
    if not missing:
        return Observation(ConditionType.BLOCK_DEVICES_READY, True, ConditionReason.BLOCK_DEVICES_READY)
    said = ", ".join(f"{name} ({_state(scene.disks.get(name))})" for name in missing)
    return Observation(
        ConditionType.BLOCK_DEVICES_READY,
        False,
        ConditionReason.BLOCK_DEVICES_NOT_READY,
        f"waiting for VirtualDisk {said}",
    )


def _state(disk: VirtualDisk | None) -> str:
    return "does not exist" if disk is None else disk.status.phase or "not seen yet"


def _agent(scene: MachineScene, phase: Phase) -> list[Observation]:
    if phase not in {Phase.RUNNING, Phase.STOPPING}:
        return []
    if phase == Phase.RUNNING and has_agent(scene.machine):
        return [Observation(ConditionType.AGENT_READY, True, ConditionReason.AGENT_READY)]
    return [
        Observation(
            ConditionType.AGENT_READY, False, ConditionReason.AGENT_NOT_READY, "the guest agent is not connected"
        )
    ]


def _frozen(scene: MachineScene, phase: Phase) -> list[Observation]:
    if not scene.frozen or phase != Phase.RUNNING:
        return []
    return [Observation(ConditionType.FILESYSTEM_FROZEN, True, ConditionReason.FROZEN)]


def _snapshotting(scene: MachineScene) -> list[Observation]:
    unfinished = _unfinished(scene)
    if not unfinished:
        return []
    reason = (
        ConditionReason.SNAPSHOTTING_IN_PROGRESS
        if any(each.status.phase == SnapshotPhase.IN_PROGRESS for each in unfinished)
        else ConditionReason.WAITING_FOR_THE_SNAPSHOT_TO_START
    )
    return [Observation(ConditionType.SNAPSHOTTING, True, reason)]


def _unfinished(scene: MachineScene) -> tuple[VirtualMachineSnapshot, ...]:
    return tuple(each for each in scene.snapshots if each.status.phase not in _FINISHED and not each.metadata.deleting)


def _changes_awaiting_restart(machine: Machine) -> tuple[dict[str, Any], ...]:
    if machine.metadata.annotations.get(PENDING_CHANGES) != "true":
        return ()
    return ({"operation": "replace", "path": "cpu.cores", "currentValue": 1, "desiredValue": 2},)
