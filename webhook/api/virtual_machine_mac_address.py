"""VirtualMachineMACAddress: the address of a machine in an additional network."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtual_machine_ip_address import Phase
from webhook.api.virtualization import GROUP, VERSION

_PATTERN: Final = "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$"


class VirtualMachineMACAddressSpec(ApiStruct, frozen=True):
    address: Annotated[
        str,
        Meta(description="The address it must have; any when absent.", extra_json_schema={"pattern": _PATTERN}),
    ] = ""


class VirtualMachineMACAddressStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    address: str = ""
    virtual_machine_name: str = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0


def normal_mac_address(written: str) -> str:
    """In lower case with colons, as two spellings of one address compare."""
    return written.lower().replace("-", ":")


class VirtualMachineMACAddress(Object, frozen=True):
    spec: VirtualMachineMACAddressSpec = VirtualMachineMACAddressSpec()
    status: Annotated[VirtualMachineMACAddressStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = (
        VirtualMachineMACAddressStatus()
    )

    @property
    def requested(self) -> str:
        """The address it must have, in lower case with colons; `""` when any will do."""
        return normal_mac_address(self.spec.address)


VIRTUAL_MACHINE_MAC_ADDRESS: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachineMACAddress",
    "virtualmachinemacaddresses",
    VirtualMachineMACAddress,
    definition=Definition(
        description="A MAC address of virtual machines.",
        platform=True,
        short_names=("vmmac",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Address", ".status.address"),
            Column("VirtualMachine", ".status.virtualMachineName"),
            AGE,
        ),
    ),
)
