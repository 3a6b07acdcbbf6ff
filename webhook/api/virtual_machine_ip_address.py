"""VirtualMachineIPAddress: an address that a machine has or may be given."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, field

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtualization import GROUP, VERSION


class AddressType(StrEnum):
    AUTO = "Auto"
    STATIC = "Static"


class Phase(StrEnum):
    PENDING = "Pending"
    BOUND = "Bound"
    ATTACHED = "Attached"


class ConditionType(StrEnum):
    BOUND = "Bound"
    ATTACHED = "Attached"


class VirtualMachineIPAddressSpec(ApiStruct, frozen=True):
    type: Annotated[str, Meta(extra_json_schema={"enum": [*AddressType]})]
    static_ip: Annotated[str, Meta(description="The address itself; only with type Static.")] = field(
        name="staticIP", default=""
    )


class VirtualMachineIPAddressStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    address: str = ""
    virtual_machine_name: str = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class VirtualMachineIPAddress(Object, frozen=True, kw_only=True):
    spec: VirtualMachineIPAddressSpec
    status: Annotated[VirtualMachineIPAddressStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = (
        VirtualMachineIPAddressStatus()
    )

    @property
    def requested(self) -> str:
        """The address it must have; `""` when any will do."""
        return self.spec.static_ip


VIRTUAL_MACHINE_IP_ADDRESS: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineIPAddress",
    "virtualmachineipaddresses",
    VirtualMachineIPAddress,
    definition=Definition(
        description="An IP address of virtual machines.",
        platform=True,
        short_names=("vmip",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Address", ".status.address"),
            Column("VirtualMachine", ".status.virtualMachineName"),
            AGE,
        ),
    ),
)
