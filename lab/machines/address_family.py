"""IP and MAC addresses follow the same rules; here is where they differ."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.virtual_machine_ip_address import (
    VIRTUAL_MACHINE_IP_ADDRESS,
    VirtualMachineIPAddress,
    VirtualMachineIPAddressStatus,
)
from webhook.api.virtual_machine_ip_address_lease import (
    VIRTUAL_MACHINE_IP_ADDRESS_LEASE,
    VirtualMachineIPAddressLease,
    VirtualMachineIPAddressLeaseStatus,
)
from webhook.api.virtual_machine_mac_address import (
    VIRTUAL_MACHINE_MAC_ADDRESS,
    VirtualMachineMACAddress,
    VirtualMachineMACAddressStatus,
)
from webhook.api.virtual_machine_mac_address_lease import (
    VIRTUAL_MACHINE_MAC_ADDRESS_LEASE,
    VirtualMachineMACAddressLease,
    VirtualMachineMACAddressLeaseStatus,
)
from webhook.api.virtualization import GROUP

Address = VirtualMachineIPAddress | VirtualMachineMACAddress
AddressStatus = VirtualMachineIPAddressStatus | VirtualMachineMACAddressStatus
Lease = VirtualMachineIPAddressLease | VirtualMachineMACAddressLease
LeaseStatus = VirtualMachineIPAddressLeaseStatus | VirtualMachineMACAddressLeaseStatus

MACHINE_ADDRESSES: Final = ipaddress.ip_network("10.66.0.0/16")
"""What the platform takes from its module's settings; apart from the lab's own services and pods."""
_MOST_MAC_ADDRESSES: Final = 1 << 24


@dataclass(frozen=True, slots=True)
class AddressFamily:
    kind: Kind[Any]
    lease_kind: Kind[Any]
    status: type[AddressStatus]
    lease_status: type[LeaseStatus]
    lease_prefix: str
    holder_member: str
    """Member of a lease's spec that names the address object."""
    uid_label: str
    """Label of a lease: the uid of the address object."""
    candidates: Callable[[], Iterator[str]]
    in_range: Callable[[str], bool]
    kept_seconds: float
    """How long a lease outlives its address object, so that the same namespace can have the address again."""

    def lease_name(self, address: str) -> str:
        return f"{self.lease_prefix}-{address.replace('.', '-').replace(':', '-')}"

    def address_in(self, lease: Lease) -> str:
        separator = "." if self.lease_prefix == "ip" else ":"
        return lease.metadata.name.removeprefix(f"{self.lease_prefix}-").replace("-", separator)


def _ip_addresses() -> Iterator[str]:
    return (str(each) for each in MACHINE_ADDRESSES.hosts())


def _is_machine_address(text: str) -> bool:
    try:
        return ipaddress.ip_address(text) in MACHINE_ADDRESSES
    except ValueError:
        return False


def _mac_addresses() -> Iterator[str]:
    """Locally administered ones (IEEE 802, second bit of the first octet)."""
    for number in range(1, _MOST_MAC_ADDRESSES):
        digits = f"{number:06x}"
        yield f"02:66:00:{digits[:2]}:{digits[2:4]}:{digits[4:]}"


IP_ADDRESSES: Final = AddressFamily(
    kind=VIRTUAL_MACHINE_IP_ADDRESS,
    lease_kind=VIRTUAL_MACHINE_IP_ADDRESS_LEASE,
    status=VirtualMachineIPAddressStatus,
    lease_status=VirtualMachineIPAddressLeaseStatus,
    lease_prefix="ip",
    holder_member="virtualMachineIPAddressRef",
    uid_label=f"{GROUP}/virtual-machine-ip-address-uid",
    candidates=_ip_addresses,
    in_range=_is_machine_address,
    kept_seconds=600.0,
)
MAC_ADDRESSES: Final = AddressFamily(
    kind=VIRTUAL_MACHINE_MAC_ADDRESS,
    lease_kind=VIRTUAL_MACHINE_MAC_ADDRESS_LEASE,
    status=VirtualMachineMACAddressStatus,
    lease_status=VirtualMachineMACAddressLeaseStatus,
    lease_prefix="mac",
    holder_member="virtualMachineMACAddressRef",
    uid_label=f"{GROUP}/virtual-machine-mac-address-uid",
    candidates=_mac_addresses,
    in_range=lambda _: True,
    kept_seconds=0.0,
)
