"""VirtualMachineMACAddressLease: who holds a MAC address, in the whole cluster."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, field

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtual_machine_ip_address_lease import LeaseHolder
from webhook.api.virtualization import GROUP, VERSION

BOUND: Final = "Bound"


class VirtualMachineMACAddressLeaseSpec(ApiStruct, frozen=True):
    holder: LeaseHolder = field(name="virtualMachineMACAddressRef", default=LeaseHolder())


class VirtualMachineMACAddressLeaseStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [BOUND]})] = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


class VirtualMachineMACAddressLease(Object, frozen=True):
    """Its name is the address: `mac-02-00-5e-00-00-01`."""

    spec: VirtualMachineMACAddressLeaseSpec = VirtualMachineMACAddressLeaseSpec()
    status: Annotated[VirtualMachineMACAddressLeaseStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = (
        VirtualMachineMACAddressLeaseStatus()
    )

    @property
    def released(self) -> bool:
        """Never: unlike that of an IP address, a lease goes with its address object."""
        return False


VIRTUAL_MACHINE_MAC_ADDRESS_LEASE: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineMACAddressLease",
    "virtualmachinemacaddressleases",
    VirtualMachineMACAddressLease,
    namespaced=False,
    definition=Definition(
        description="Says which VirtualMachineMACAddress of the cluster holds a MAC address.",
        platform=True,
        short_names=("vmmacl", "vmmaclease"),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Namespace", ".spec.virtualMachineMACAddressRef.namespace"),
            Column("VirtualMachineMACAddress", ".spec.virtualMachineMACAddressRef.name"),
            AGE,
        ),
    ),
)
