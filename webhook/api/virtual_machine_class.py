"""VirtualMachineClass: what machines of a kind may ask of their nodes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtualization import GROUP, VERSION


class Phase(StrEnum):
    PENDING = "Pending"
    READY = "Ready"
    TERMINATING = "Terminating"


class ConditionType(StrEnum):
    READY = "Ready"


class VirtualMachineClassSpec(ApiStruct, frozen=True):
    """Nothing of it matters to a snapshot, and the platform serves two shapes of it."""


class VirtualMachineClassStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class VirtualMachineClass(Object, frozen=True, kw_only=True):
    spec: Annotated[VirtualMachineClassSpec, Meta(extra_json_schema=PRESERVE_UNKNOWN)]
    status: Annotated[VirtualMachineClassStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = VirtualMachineClassStatus()


VIRTUAL_MACHINE_CLASS: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineClass",
    "virtualmachineclasses",
    VirtualMachineClass,
    namespaced=False,
    definition=Definition(
        description="What virtual machines of one kind may ask of the nodes they run on.",
        platform=True,
        short_names=("vmc", "vmclass"),
        columns=(Column("Phase", ".status.phase"), AGE),
        also_served=("v1alpha3",),
    ),
)
