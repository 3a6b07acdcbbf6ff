"""What a machine needs besides its disks, as rules see it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from webhook.api import image as images
from webhook.api import virtual_machine_block_device_attachment as attachments
from webhook.api import virtual_machine_ip_address as addresses
from webhook.api.cluster_virtual_image import ClusterVirtualImage
from webhook.api.kind import Kind
from webhook.api.reference import Reference, reference_to
from webhook.api.virtual_image import VirtualImage
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_ip_address import (
    VIRTUAL_MACHINE_IP_ADDRESS,
    AddressType,
    VirtualMachineIPAddress,
)
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS, VirtualMachineMACAddress

_HELD: Final = frozenset({addresses.Phase.BOUND, addresses.Phase.ATTACHED})
"""An address is the machine's own from Bound on; Attached says that the machine runs with it."""


class Dependency(Struct, frozen=True, gc=False):
    reference: Reference
    phase: str
    deleting: bool
    ready: bool
    machine: str = ""
    """The machine that has it, as far as it says."""


class Address(Dependency, frozen=True, kw_only=True, gc=False):
    address: str
    automatic: bool
    """Whether the address was taken from the pool, and may be another one next time."""


def image_from(
    kind: Kind[VirtualImage] | Kind[ClusterVirtualImage], image: VirtualImage | ClusterVirtualImage
) -> Dependency:
    phase = image.status.phase
    return Dependency(reference_to(kind, image), phase, image.metadata.deleting, phase == images.Phase.READY)


def address_from(address: VirtualMachineIPAddress) -> Address:
    status = address.status
    return Address(
        reference=reference_to(VIRTUAL_MACHINE_IP_ADDRESS, address),
        phase=status.phase,
        deleting=address.metadata.deleting,
        ready=status.phase in _HELD,
        machine=status.virtual_machine_name,
        address=status.address,
        automatic=address.spec.type == AddressType.AUTO,
    )


def mac_address_from(address: VirtualMachineMACAddress) -> Dependency:
    status = address.status
    return Dependency(
        reference=reference_to(VIRTUAL_MACHINE_MAC_ADDRESS, address),
        phase=status.phase,
        deleting=address.metadata.deleting,
        ready=status.phase in _HELD,
        machine=status.virtual_machine_name,
    )


def attachment_from(attachment: VirtualMachineBlockDeviceAttachment) -> Dependency:
    phase = attachment.status.phase
    return Dependency(
        reference=reference_to(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachment),
        phase=phase,
        deleting=attachment.metadata.deleting,
        ready=phase == attachments.Phase.ATTACHED,
        machine=attachment.spec.virtual_machine_name,
    )
