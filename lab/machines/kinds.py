"""Kinds in the shape the machine side needs them; `webhook.api` describes what a snapshot reads."""

from __future__ import annotations

from typing import Any, Final

from msgspec import field

from webhook.api.kind import Kind
from webhook.api.meta import Condition, Object
from webhook.api.quantity import QuantityText
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import NetworkStatus, VirtualMachineSpec
from webhook.api.virtualization import GROUP, VERSION


class BlockDevice(ApiStruct, frozen=True):
    kind: str
    name: str
    attached: bool
    size: QuantityText = ""
    target: str = ""
    """The device's name inside the guest, such as `sda`."""
    hotplugged: bool = False
    virtual_machine_block_device_attachment_name: str = ""


class MachineSpec(VirtualMachineSpec, frozen=True, kw_only=True):
    """With the members whose changes take a restart."""

    cpu: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    bootloader: str = ""
    os_type: str = ""
    enable_paravirtualization: bool = True


class MachineStatus(ApiStruct, frozen=True):
    """All that the lab writes, so that comparing a wanted status with the present one decides whether to write."""

    phase: str = ""
    conditions: tuple[Condition, ...] = ()
    block_device_refs: tuple[BlockDevice, ...] = ()
    restart_awaiting_changes: tuple[dict[str, Any], ...] = ()
    ip_address_name: str = field(name="virtualMachineIPAddressName", default="")
    ip_address: str = ""
    networks: tuple[NetworkStatus, ...] = ()
    observed_generation: int = 0


class Machine(Object, frozen=True, kw_only=True):
    spec: MachineSpec
    status: MachineStatus = MachineStatus()


MACHINE: Final = Kind(GROUP, VERSION, "VirtualMachine", "virtualmachines", Machine)


class CsiSource(ApiStruct, frozen=True):
    volume_handle: str = ""


class PersistentVolumeSpec(ApiStruct, frozen=True):
    csi: CsiSource = CsiSource()


class PersistentVolume(Object, frozen=True):
    spec: PersistentVolumeSpec = PersistentVolumeSpec()


PERSISTENT_VOLUME: Final = Kind("", "v1", "PersistentVolume", "persistentvolumes", PersistentVolume, namespaced=False)


class StorageClass(Object, frozen=True):
    volume_binding_mode: str = ""

    @property
    def waits_for_consumer(self) -> bool:
        return self.volume_binding_mode == "WaitForFirstConsumer"


STORAGE_CLASS: Final = Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", StorageClass, namespaced=False)
