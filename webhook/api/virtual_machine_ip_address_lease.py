"""VirtualMachineIPAddressLease: who holds an address, in the whole cluster."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, field

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtualization import GROUP, VERSION


class Phase(StrEnum):
    BOUND = "Bound"
    RELEASED = "Released"


class LeaseHolder(ApiStruct, frozen=True):
    """The address object that holds a lease."""

    namespace: str = ""
    name: str = ""


class VirtualMachineIPAddressLeaseSpec(ApiStruct, frozen=True):
    holder: LeaseHolder = field(name="virtualMachineIPAddressRef", default=LeaseHolder())


class VirtualMachineIPAddressLeaseStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class VirtualMachineIPAddressLease(Object, frozen=True):
    """Its name is the address: `ip-10-66-10-14`."""

    spec: VirtualMachineIPAddressLeaseSpec = VirtualMachineIPAddressLeaseSpec()
    status: Annotated[VirtualMachineIPAddressLeaseStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = (
        VirtualMachineIPAddressLeaseStatus()
    )

    @property
    def released(self) -> bool:
        return self.status.phase == Phase.RELEASED


VIRTUAL_MACHINE_IP_ADDRESS_LEASE: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineIPAddressLease",
    "virtualmachineipaddressleases",
    VirtualMachineIPAddressLease,
    namespaced=False,
    definition=Definition(
        description="Says which VirtualMachineIPAddress of the cluster holds an IP address.",
        platform=True,
        short_names=("vmipl", "vmiplease"),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Namespace", ".spec.virtualMachineIPAddressRef.namespace"),
            Column("VirtualMachineIPAddress", ".spec.virtualMachineIPAddressRef.name"),
            AGE,
        ),
    ),
)
