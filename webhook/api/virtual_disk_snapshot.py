"""VirtualDiskSnapshot: the state of one disk."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from webhook.api.freeze import FreezeStatus
from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtualization import GROUP, VERSION

SPEC_IMMUTABLE_MESSAGE: Final = "spec cannot change after creation; create another snapshot instead [SpecImmutable]"


class Phase(StrEnum):
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    READY = "Ready"
    FAILED = "Failed"
    TERMINATING = "Terminating"


FINISHED: Final = frozenset({Phase.READY, Phase.FAILED, Phase.TERMINATING})
"""Phases after which nothing more is taken, of a machine's snapshot too."""


class ConditionType(StrEnum):
    VIRTUAL_DISK_READY = "VirtualDiskReady"
    VIRTUAL_DISK_SNAPSHOT_READY = "VirtualDiskSnapshotReady"


class VirtualDiskReadyReason(StrEnum):
    VIRTUAL_DISK_READY = "VirtualDiskReady"
    VIRTUAL_DISK_NOT_READY_FOR_SNAPSHOTTING = "VirtualDiskNotReadyForSnapshotting"
    UNKNOWN = "Unknown"


class VirtualDiskSnapshotReadyReason(StrEnum):
    VIRTUAL_DISK_SNAPSHOT_READY = "VirtualDiskSnapshotReady"
    WAITING_FOR_THE_VIRTUAL_DISK = "WaitingForTheVirtualDisk"
    POTENTIALLY_INCONSISTENT = "PotentiallyInconsistent"
    VOLUME_SNAPSHOT_LOST = "Lost"
    FILE_SYSTEM_FREEZING = "FileSystemFreezing"
    FILE_SYSTEM_UNFREEZING = "FileSystemUnfreezing"
    SNAPSHOTTING = "Snapshotting"
    VIRTUAL_DISK_SNAPSHOT_FAILED = "VirtualDiskSnapshotFailed"
    UNKNOWN = "Unknown"


class VirtualDiskSnapshotSpec(ApiStruct, frozen=True):
    virtual_disk_name: Annotated[
        str,
        Meta(description="VirtualDisk to snapshot, in the same namespace.", extra_json_schema={"minLength": 1}),
    ]
    required_consistency: Annotated[
        bool,
        Meta(
            description="Take the snapshot only when the data on the disk is consistent: the machine is off, the disk "
            "is detached, or the guest agent can freeze the file system.",
            extra_json_schema={"default": True},
        ),
    ] = True


class VirtualDiskSnapshotStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    consistent: Annotated[bool, Meta(description="True when consistent, absent otherwise.")] = False
    volume_snapshot_name: Annotated[str, Meta(description="CSI VolumeSnapshot that holds the data.")] = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0
    freeze: Annotated[
        FreezeStatus | None,
        Meta(description="The freeze of the guest's file systems that this snapshot asked for."),
    ] = None


class VirtualDiskSnapshot(Object, frozen=True, kw_only=True):
    spec: Annotated[
        VirtualDiskSnapshotSpec,
        Meta(
            extra_json_schema={
                "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": SPEC_IMMUTABLE_MESSAGE}]
            }
        ),
    ]
    status: VirtualDiskSnapshotStatus = VirtualDiskSnapshotStatus()


VIRTUAL_DISK_SNAPSHOT: Final = Kind(
    GROUP,
    VERSION,
    "VirtualDiskSnapshot",
    "virtualdisksnapshots",
    VirtualDiskSnapshot,
    definition=Definition(
        description="The state of one VirtualDisk at one moment.",
        short_names=("vdsnapshot", "vds"),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Consistent", ".status.consistent", "boolean"),
            AGE,
        ),
    ),
)
