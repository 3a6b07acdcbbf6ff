"""The block devices of a machine as its status lists them."""

from __future__ import annotations

from typing import Any, Final

from lab.machines.kinds import BlockDevice
from lab.machines.machine_scene import MachineScene
from webhook.api.virtual_machine import BlockDeviceKind, Phase

_POWERED: Final = frozenset({Phase.STARTING, Phase.RUNNING, Phase.STOPPING})


def devices(scene: MachineScene, phase: Phase) -> tuple[BlockDevice, ...]:
    """Those of the spec first, plugged in unless they wait for a restart; then those that attachments plug in."""
    return (*_listed(scene, phase), *_hotplugged(scene, phase))


def _listed(scene: MachineScene, phase: Phase) -> list[BlockDevice]:
    launched = _launched_devices(scene.instance.launched_with)
    found = []
    for position, reference in enumerate(scene.machine.spec.block_device_refs):
        key = (reference.kind, reference.name)
        attached = phase in _POWERED and (launched is None or key in launched) and _exists(scene, *key)
        found.append(
            BlockDevice(
                kind=reference.kind,
                name=reference.name,
                attached=attached,
                size=_size(scene, *key),
                target=_target(position) if attached else "",
            )
        )
    return found


def _hotplugged(scene: MachineScene, phase: Phase) -> list[BlockDevice]:
    """A machine that is switched off keeps what was plugged into it while it ran, and takes nothing new."""
    present = {each.virtual_machine_block_device_attachment_name for each in scene.machine.status.block_device_refs}
    offset = len(scene.machine.spec.block_device_refs)
    running = phase == Phase.RUNNING
    plugged = [each for each in scene.attachments if running or each.metadata.name in present]
    return [
        BlockDevice(
            kind=each.spec.block_device_ref.kind,
            name=each.spec.block_device_ref.name,
            attached=running,
            size=_size(scene, each.spec.block_device_ref.kind, each.spec.block_device_ref.name),
            target=_target(offset + position) if running else "",
            hotplugged=True,
            virtual_machine_block_device_attachment_name=each.metadata.name,
        )
        for position, each in enumerate(plugged)
    ]


def _launched_devices(launched_with: dict[str, Any] | None) -> set[tuple[str, str]] | None:
    if launched_with is None:
        return None
    return {(each["kind"], each["name"]) for each in launched_with.get("blockDeviceRefs", ())}


def _exists(scene: MachineScene, kind: str, name: str) -> bool:
    return name in scene.disks if kind == BlockDeviceKind.VIRTUAL_DISK else (kind, name) in scene.images


def _size(scene: MachineScene, kind: str, name: str) -> str:
    disk = scene.disks.get(name) if kind == BlockDeviceKind.VIRTUAL_DISK else None
    return disk.status.capacity if disk is not None else ""


def _target(position: int) -> str:
    return f"sd{chr(ord('a') + position)}"
