"""VirtualMachineSnapshotOperation: something made of a machine snapshot once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.operation import COPY_SCHEMA, SPEC_IS_IMMUTABLE, CopySpec, OperationResource
from webhook.api.struct import ApiStruct
from webhook.api.virtualization import GROUP, VERSION


class OperationType(StrEnum):
    CREATE_VIRTUAL_MACHINE = "CreateVirtualMachine"


class Phase(StrEnum):
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    TERMINATING = "Terminating"


FINISHED: Final = frozenset({Phase.COMPLETED, Phase.FAILED})
"""Phases after which an operation does nothing more."""


class VirtualMachineSnapshotOperationSpec(ApiStruct, frozen=True):
    type: Annotated[str, Meta(extra_json_schema={"enum": [*OperationType]})]
    virtual_machine_snapshot_name: Annotated[
        str,
        Meta(description="VirtualMachineSnapshot to use, in the same namespace.", extra_json_schema={"minLength": 1}),
    ]
    create_virtual_machine: Annotated[CopySpec | None, Meta(extra_json_schema=COPY_SCHEMA)] = None
    """Not required by the platform's CRD, whose rule for it names a type that does not exist."""


class VirtualMachineSnapshotOperationStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    resources: tuple[OperationResource, ...] = ()
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class VirtualMachineSnapshotOperation(Object, frozen=True, kw_only=True):
    spec: Annotated[
        VirtualMachineSnapshotOperationSpec,
        Meta(extra_json_schema={"x-kubernetes-validations": [SPEC_IS_IMMUTABLE]}),
    ]
    status: Annotated[VirtualMachineSnapshotOperationStatus, Meta(extra_json_schema={"required": ["phase"]})] = (
        VirtualMachineSnapshotOperationStatus()
    )


VIRTUAL_MACHINE_SNAPSHOT_OPERATION: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineSnapshotOperation",
    "virtualmachinesnapshotoperations",
    VirtualMachineSnapshotOperation,
    definition=Definition(
        description="Something made of a VirtualMachineSnapshot once: a new VirtualMachine.",
        short_names=("vmsop",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Type", ".spec.type"),
            Column("VirtualMachineSnapshot", ".spec.virtualMachineSnapshotName"),
            AGE,
        ),
    ),
)
