"""VirtualMachineOperation: something done to a machine once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, field

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.operation import COPY_SCHEMA, SPEC_IS_IMMUTABLE, CopySpec, Mode, OperationResource
from webhook.api.struct import ApiStruct
from webhook.api.virtualization import GROUP, VERSION


class OperationType(StrEnum):
    RESTART = "Restart"
    START = "Start"
    STOP = "Stop"
    MIGRATE = "Migrate"
    EVICT = "Evict"
    RESTORE = "Restore"
    CLONE = "Clone"


class Phase(StrEnum):
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    TERMINATING = "Terminating"
    SUPERSEDED = "Superseded"


FINISHED: Final = frozenset({Phase.COMPLETED, Phase.FAILED, Phase.SUPERSEDED})
"""Phases after which an operation does nothing more."""


class ConditionType(StrEnum):
    COMPLETED = "Completed"
    SIGNAL_SENT = "SignalSent"
    MAINTENANCE_MODE = "MaintenanceMode"
    """Of a Restore: whether it keeps its machine off."""
    SNAPSHOT_READY = "SnapshotReady"
    """Of a Clone: how its temporary snapshot is."""


class CompletedReason(StrEnum):
    """Of VirtualMachineSnapshotOperations too."""

    VIRTUAL_MACHINE_NOT_FOUND = "VirtualMachineNotFound"
    SNAPSHOT_NOT_FOUND = "VirtualMachineSnapshotNotFound"
    NOT_APPLICABLE_FOR_PHASE = "NotApplicableForVirtualMachinePhase"
    NOT_READY_TO_BE_EXECUTED = "NotReadyToBeExecuted"
    RESTORE_IN_PROGRESS = "RestoreInProgress"
    CLONE_IN_PROGRESS = "CloneInProgress"
    CREATE_IN_PROGRESS = "CreateVirtualMachineInProgress"
    OPERATION_FAILED = "OperationFailed"
    OPERATION_COMPLETED = "OperationCompleted"


class MaintenanceReason(StrEnum):
    ENABLED = "MaintenanceModeEnabled"
    DISABLED = "MaintenanceModeDisabled"


class SnapshotReadyReason(StrEnum):
    IN_PROGRESS = "SnapshotInProgress"
    READY = "SnapshotReady"
    CLEANED_UP = "SnapshotCleanedUp"
    FAILED = "SnapshotFailed"


class EventReason(StrEnum):
    """Of VirtualMachineSnapshotOperations too."""

    PENDING = "VirtualMachineOperationPending"
    TERMINATING = "VirtualMachineOperationTerminating"
    """These two are ours: the platform tells of neither."""
    STARTED = "VirtualMachineOperationStarted"
    SUCCEEDED = "VirtualMachineOperationSucceeded"
    FAILED = "VirtualMachineOperationFailed"
    MAINTENANCE_MODE = "MaintenanceMode"
    SNAPSHOT_CREATED = "SnapshotCreated"
    SNAPSHOT_DELETED = "SnapshotDeleted"
    RESTORE_UNDONE = "RestoreUndone"
    VOLUME_RETAINED = "VolumeRetained"
    """The last two are ours, on machines: a restore was taken back; data was left that could not be put back."""


class MigrateSpec(ApiStruct, frozen=True):
    node_selector: dict[str, str] = field(default_factory=dict)


class RestoreSpec(ApiStruct, frozen=True):
    mode: Annotated[str, Meta(extra_json_schema={"enum": [*Mode]})]
    virtual_machine_snapshot_name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]


class VirtualMachineOperationSpec(ApiStruct, frozen=True):
    type: Annotated[str, Meta(extra_json_schema={"enum": [*OperationType]})]
    virtual_machine_name: Annotated[
        str,
        Meta(description="VirtualMachine to act on, in the same namespace.", extra_json_schema={"minLength": 1}),
    ]
    force: Annotated[bool, Meta(description="Only of Restart, Stop, Evict and Migrate.")] = False
    migrate: MigrateSpec | None = None
    restore: RestoreSpec | None = None
    clone: Annotated[CopySpec | None, Meta(extra_json_schema=COPY_SCHEMA)] = None


class RetainedVolume(ApiStruct, frozen=True):
    """A disk that is being replaced, with its volume, which is kept until the new one is ready."""

    virtual_disk_name: str
    disk: Annotated[str, Meta(description="Labels, annotations, owners and spec of the disk, as JSON.")]
    persistent_volume_name: Annotated[str, Meta(description="Absent when the disk had no volume yet.")] = ""
    storage_class_name: Annotated[str, Meta(description="Of the claim that the disk had.")] = ""
    selected_node: Annotated[
        str, Meta(description="The node that the claim was provisioned for. Absent when nothing tells.")
    ] = ""
    virtual_disk_uid: str = ""
    """Absent where a CRD from before this field pruned it: the operation has to stay readable across an upgrade."""


class RemovedAttachment(ApiStruct, frozen=True):
    """An attachment that the saved machine does not have, or has otherwise."""

    name: str
    attachment: Annotated[str, Meta(description="Its labels, annotations and spec, as JSON.")]


class VirtualMachineOperationStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    progress: Annotated[str, Meta(description="How much is done, in percent.")] = ""
    resources: tuple[OperationResource, ...] = ()
    retained_volumes: Annotated[
        tuple[RetainedVolume, ...],
        Meta(description="Disks that a restore replaces, with their old volumes. They are put back when it fails."),
    ] = ()
    removed_attachments: Annotated[
        tuple[RemovedAttachment, ...],
        Meta(description="Attachments that a restore removes from its machine. They are put back when it fails."),
    ] = ()
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


_RULES: Final = (
    SPEC_IS_IMMUTABLE,
    {
        "rule": "self.type != 'Start' || !has(self.force) || !self.force",
        "message": "a machine cannot be started by force; remove force [SchemaInvalid]",
    },
    {
        "rule": "self.type != 'Restore' || has(self.restore)",
        "message": "type Restore needs spec.restore; set its mode and virtualMachineSnapshotName [BlockMissing]",
    },
    {
        "rule": "self.type != 'Clone' || has(self.clone)",
        "message": "type Clone needs spec.clone; set its mode and customization or nameReplacement [BlockMissing]",
    },
    {
        "rule": "!has(self.migrate) || self.type == 'Migrate'",
        "message": "spec.migrate goes with type Migrate only; remove it [SchemaInvalid]",
    },
)


class VirtualMachineOperation(Object, frozen=True, kw_only=True):
    spec: Annotated[VirtualMachineOperationSpec, Meta(extra_json_schema={"x-kubernetes-validations": [*_RULES]})]
    status: Annotated[VirtualMachineOperationStatus, Meta(extra_json_schema={"required": ["phase"]})] = (
        VirtualMachineOperationStatus()
    )


VIRTUAL_MACHINE_OPERATION: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineOperation",
    "virtualmachineoperations",
    VirtualMachineOperation,
    definition=Definition(
        description="Something done to a VirtualMachine once: started, stopped, restored, cloned.",
        short_names=("vmop",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Progress", ".status.progress"),
            Column("Type", ".spec.type"),
            Column("VirtualMachine", ".spec.virtualMachineName"),
            AGE,
        ),
    ),
)
