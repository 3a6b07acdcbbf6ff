"""Kinds in the shape the machine side needs them; `webhook.api` describes what a snapshot reads."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.meta import Condition, Object
from webhook.api.quantity import QuantityText
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import VirtualMachineSpec
from webhook.api.virtualization import GROUP, VERSION


class BlockDevice(ApiStruct, frozen=True):
    kind: str
    name: str
    attached: bool
    size: QuantityText = ""
    target: str = ""
    """The device's name inside the guest, such as `sda`."""


class MachineStatus(ApiStruct, frozen=True):
    """All that the lab writes, so that comparing a wanted status with the present one decides whether to write."""

    phase: str = ""
    conditions: tuple[Condition, ...] = ()
    block_device_refs: tuple[BlockDevice, ...] = ()
    restart_awaiting_changes: tuple[dict[str, Any], ...] = ()
    observed_generation: int = 0


class Machine(Object, frozen=True, kw_only=True):
    spec: VirtualMachineSpec
    status: MachineStatus = MachineStatus()


MACHINE: Final = Kind(GROUP, VERSION, "VirtualMachine", "virtualmachines", Machine)


class CsiSource(ApiStruct, frozen=True):
    volume_handle: str = ""


class PersistentVolumeSpec(ApiStruct, frozen=True):
    csi: CsiSource = CsiSource()


class PersistentVolume(Object, frozen=True):
    spec: PersistentVolumeSpec = PersistentVolumeSpec()


PERSISTENT_VOLUME: Final = Kind("", "v1", "PersistentVolume", "persistentvolumes", PersistentVolume, namespaced=False)
