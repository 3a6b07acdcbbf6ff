"""VirtualMachineBlockDeviceAttachment: a disk or image that is plugged into a running machine."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN, BlockDeviceReference
from webhook.api.virtualization import GROUP, VERSION


class Phase(StrEnum):
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    ATTACHED = "Attached"
    FAILED = "Failed"
    TERMINATING = "Terminating"


class ConditionType(StrEnum):
    BLOCK_DEVICE_READY = "BlockDeviceReady"
    VIRTUAL_MACHINE_READY = "VirtualMachineReady"
    ATTACHED = "Attached"


class AttachmentSpec(ApiStruct, frozen=True):
    virtual_machine_name: Annotated[
        str,
        Meta(description="VirtualMachine to plug into, in the same namespace.", extra_json_schema={"minLength": 1}),
    ]
    block_device_ref: Annotated[BlockDeviceReference, Meta(extra_json_schema=PRESERVE_UNKNOWN)]


class AttachmentStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    virtual_machine_name: str = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class VirtualMachineBlockDeviceAttachment(Object, frozen=True, kw_only=True):
    spec: AttachmentSpec
    status: Annotated[AttachmentStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = AttachmentStatus()


VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineBlockDeviceAttachment",
    "virtualmachineblockdeviceattachments",
    VirtualMachineBlockDeviceAttachment,
    definition=Definition(
        description="Plugs a block device into a running VirtualMachine.",
        platform=True,
        short_names=("vmbda",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("BlockDeviceKind", ".spec.blockDeviceRef.kind"),
            Column("BlockDeviceName", ".spec.blockDeviceRef.name"),
            Column("VirtualMachine", ".spec.virtualMachineName"),
            AGE,
        ),
    ),
)
