"""VirtualMachineSnapshot: the settings of a machine and the state of all its disks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, field

from webhook.api.freeze import FreezeStatus
from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_disk_snapshot import SPEC_IMMUTABLE_MESSAGE, Phase
from webhook.api.virtualization import GROUP, VERSION


class KeepIPAddress(StrEnum):
    ALWAYS = "Always"
    NEVER = "Never"


class ConditionType(StrEnum):
    VIRTUAL_MACHINE_READY = "VirtualMachineReady"
    VIRTUAL_MACHINE_SNAPSHOT_READY = "VirtualMachineSnapshotReady"
    RESTORABLE = "Restorable"
    """Of a ready snapshot: whether its machine could be restored from it now. Not the platform's."""


class VirtualMachineReadyReason(StrEnum):
    VIRTUAL_MACHINE_READY = "VirtualMachineReady"
    VIRTUAL_MACHINE_NOT_READY_FOR_SNAPSHOTTING = "VirtualMachineNotReadyForSnapshotting"
    UNKNOWN = "Unknown"


class VirtualMachineSnapshotReadyReason(StrEnum):
    VIRTUAL_MACHINE_SNAPSHOT_READY = "VirtualMachineSnapshotReady"
    WAITING_FOR_THE_VIRTUAL_MACHINE = "WaitingForTheVirtualMachine"
    BLOCK_DEVICES_NOT_READY = "BlockDevicesNotReady"
    POTENTIALLY_INCONSISTENT = "PotentiallyInconsistent"
    VIRTUAL_DISK_SNAPSHOT_LOST = "VirtualDiskSnapshotLost"
    FILE_SYSTEM_FREEZING = "FileSystemFreezing"
    FILE_SYSTEM_UNFREEZING = "FileSystemUnfreezing"
    SNAPSHOTTING = "Snapshotting"
    VIRTUAL_MACHINE_SNAPSHOT_FAILED = "VirtualMachineSnapshotFailed"
    UNKNOWN = "Unknown"


class RestorableReason(StrEnum):
    """Of the condition Restorable where it is not False; there the reason is a finding's code."""

    RESTORABLE = "Restorable"
    WITH_LOSSES = "RestorableWithLosses"
    """Images or the class that the machine needs are gone."""
    UNKNOWN = "Unknown"


class EventReason(StrEnum):
    STARTED = "VirtualMachineSnapshottingStarted"
    FROZEN = "VirtualMachineSnapshottingFrozen"
    IN_PROGRESS = "VirtualMachineSnapshottingInProgress"
    THAWED = "VirtualMachineSnapshottingThawed"
    COMPLETED = "VirtualMachineSnapshottingCompleted"
    PENDING = "VirtualMachineSnapshottingPending"
    FAILED = "VirtualMachineSnapshottingFailed"
    RESTORABLE = "VirtualMachineSnapshotRestorable"
    RESTORABLE_WITH_LOSSES = "VirtualMachineSnapshotRestorableWithLosses"
    NOT_RESTORABLE = "VirtualMachineSnapshotNotRestorable"


class SavedResource(ApiStruct, frozen=True):
    api_version: str = ""
    kind: str = ""
    name: str = ""


class VirtualMachineSnapshotSpec(ApiStruct, frozen=True):
    virtual_machine_name: Annotated[
        str,
        Meta(description="VirtualMachine to snapshot, in the same namespace.", extra_json_schema={"minLength": 1}),
    ]
    required_consistency: Annotated[
        bool,
        Meta(
            description="Take the snapshot only when the data on all disks is consistent: the machine is off, or its "
            "guest agent can freeze the file systems.",
            extra_json_schema={"default": True},
        ),
    ] = True
    keep_ip_address: Annotated[
        str,
        Meta(
            description="Always: a dynamic address is saved as a static one. Never: the address keeps its type.",
            extra_json_schema={"enum": [*KeepIPAddress], "default": "Always"},
        ),
    ] = field(name="keepIPAddress", default=KeepIPAddress.ALWAYS)


class VirtualMachineSnapshotStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    consistent: Annotated[bool, Meta(description="True when all disks are consistent, absent otherwise.")] = False
    virtual_machine_snapshot_secret_name: Annotated[
        str, Meta(description="Secret that holds the saved settings of the machine.")
    ] = ""
    content_digest: Annotated[
        str, Meta(description="Digest of the saved settings, recorded when they were written: `sha256:<hex>`.")
    ] = ""
    virtual_disk_snapshot_names: tuple[str, ...] = ()
    resources: tuple[SavedResource, ...] = ()
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0
    freeze: Annotated[
        FreezeStatus | None,
        Meta(description="The freeze of the guest's file systems that this snapshot asked for."),
    ] = None


class VirtualMachineSnapshot(Object, frozen=True, kw_only=True):
    spec: Annotated[
        VirtualMachineSnapshotSpec,
        Meta(
            extra_json_schema={
                "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": SPEC_IMMUTABLE_MESSAGE}]
            }
        ),
    ]
    status: Annotated[VirtualMachineSnapshotStatus, Meta(extra_json_schema={"required": ["phase"]})] = (
        VirtualMachineSnapshotStatus()
    )


VIRTUAL_MACHINE_SNAPSHOT: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineSnapshot",
    "virtualmachinesnapshots",
    VirtualMachineSnapshot,
    definition=Definition(
        description="The settings of a VirtualMachine and the state of all its disks at one moment.",
        short_names=("vmsnapshot", "vms"),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Consistent", ".status.consistent", "boolean"),
            Column("Restorable", '.status.conditions[?(@.type=="Restorable")].status', priority=1),
            AGE,
        ),
    ),
)
