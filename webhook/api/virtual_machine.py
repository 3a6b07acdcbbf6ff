"""VirtualMachine, as far as snapshots read it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Raw

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtualization import GROUP, VERSION

PRESERVE_UNKNOWN: Final = {"x-kubernetes-preserve-unknown-fields": True}


class Phase(StrEnum):
    PENDING = "Pending"
    RUNNING = "Running"
    DEGRADED = "Degraded"
    TERMINATING = "Terminating"
    STOPPED = "Stopped"
    STOPPING = "Stopping"
    STARTING = "Starting"
    MIGRATING = "Migrating"
    PAUSE = "Pause"


class RunPolicy(StrEnum):
    ALWAYS_ON = "AlwaysOn"
    ALWAYS_OFF = "AlwaysOff"
    MANUAL = "Manual"
    ALWAYS_ON_UNLESS_STOPPED_MANUALLY = "AlwaysOnUnlessStoppedManually"


class BlockDeviceKind(StrEnum):
    VIRTUAL_DISK = "VirtualDisk"
    VIRTUAL_IMAGE = "VirtualImage"
    CLUSTER_VIRTUAL_IMAGE = "ClusterVirtualImage"


class ConditionType(StrEnum):
    AGENT_READY = "AgentReady"
    FILESYSTEM_FROZEN = "FilesystemFrozen"
    SNAPSHOTTING = "Snapshotting"
    BLOCK_DEVICES_READY = "BlockDevicesReady"
    MAINTENANCE = "Maintenance"


class ConditionReason(StrEnum):
    AGENT_READY = "AgentReady"
    AGENT_NOT_READY = "AgentNotReady"
    FROZEN = "Frozen"
    BLOCK_DEVICES_READY = "BlockDevicesReady"
    BLOCK_DEVICES_NOT_READY = "BlockDevicesNotReady"
    WAITING_FOR_THE_SNAPSHOT_TO_START = "WaitingForTheSnapshotToStart"
    SNAPSHOTTING_IN_PROGRESS = "SnapshottingInProgress"


class BlockDeviceReference(ApiStruct, frozen=True):
    kind: Annotated[str, Meta(extra_json_schema={"enum": [*BlockDeviceKind]})]
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]


class BlockDeviceStatus(ApiStruct, frozen=True):
    kind: Annotated[str, Meta(extra_json_schema={"enum": [*BlockDeviceKind]})]
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]
    attached: bool = False
    hotplugged: bool = False
    virtual_machine_block_device_attachment_name: str = ""


class VirtualMachineSpec(ApiStruct, frozen=True):
    block_device_refs: Annotated[
        tuple[Annotated[BlockDeviceReference, Meta(extra_json_schema=PRESERVE_UNKNOWN)], ...],
        Meta(extra_json_schema={"minItems": 1, "maxItems": 16}),
    ]
    run_policy: Annotated[
        str, Meta(extra_json_schema={"enum": [*RunPolicy], "default": "AlwaysOnUnlessStoppedManually"})
    ] = RunPolicy.ALWAYS_ON_UNLESS_STOPPED_MANUALLY


class VirtualMachineStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    conditions: tuple[Condition, ...] = ()
    block_device_refs: tuple[Annotated[BlockDeviceStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)], ...] = ()
    restart_awaiting_changes: Annotated[
        tuple[Raw, ...],
        Meta(description="Changes of the spec that the running machine has not taken yet."),
    ] = ()
    observed_generation: int = 0


class VirtualMachine(Object, frozen=True, kw_only=True):
    spec: Annotated[VirtualMachineSpec, Meta(extra_json_schema=PRESERVE_UNKNOWN)]
    status: Annotated[VirtualMachineStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = VirtualMachineStatus()


VIRTUAL_MACHINE: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachine",
    "virtualmachines",
    VirtualMachine,
    definition=Definition(
        description="A virtual machine.",
        platform=True,
        short_names=("vm",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Frozen", '.status.conditions[?(@.type=="FilesystemFrozen")].status', priority=1),
            Column("Agent", '.status.conditions[?(@.type=="AgentReady")].status', priority=1),
            AGE,
        ),
    ),
)
