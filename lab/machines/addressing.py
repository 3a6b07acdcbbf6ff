"""Which address objects a machine uses, and those that are made for it."""

from __future__ import annotations

import hashlib
import string
from typing import Any

from lab.machines.kinds import MACHINE, Machine
from lab.machines.machine_scene import has_main_network
from webhook.api.virtual_machine import Network, NetworkType
from webhook.api.virtualization import GROUP

MACHINE_UID_LABEL = f"{GROUP}/virtual-machine-uid"


def machine_ip_address_name(machine: Machine) -> str:
    """`""` for a machine without a main network."""
    if not has_main_network(machine):
        return ""
    return machine.spec.ip_address_name or _made_name(machine, "ip")


def machine_mac_address_names(machine: Machine) -> list[str]:
    """One for each of its additional networks."""
    return [_mac_address_name(machine, each) for each in additional_networks(machine)]


def additional_networks(machine: Machine) -> list[Network]:
    return [each for each in machine.spec.networks if each.type != NetworkType.MAIN]


def missing_ip_address(machine: Machine) -> dict[str, Any] | None:
    """The address object to be made when it does not exist; None where the machine names one itself."""
    if machine.spec.ip_address_name or not has_main_network(machine):
        return None
    return _made_for(machine, machine_ip_address_name(machine)) | {"spec": {"type": "Auto"}}


def missing_mac_addresses(machine: Machine) -> list[dict[str, Any]]:
    return [
        _made_for(machine, _mac_address_name(machine, each)) | {"spec": {}}
        for each in additional_networks(machine)
        if not each.mac_address_name
    ]


def _mac_address_name(machine: Machine, network: Network) -> str:
    return network.mac_address_name or _made_name(machine, f"mac {network.type} {network.name}")


def _made_name(machine: Machine, purpose: str) -> str:
    """The platform lets the API server choose the letters.

    Here they follow from the uid, so that a create repeated after a crash meets its own object.
    """
    digest = hashlib.sha256(f"{machine.metadata.uid} {purpose}".encode()).digest()
    letters = "".join(string.ascii_lowercase[byte % 26] for byte in digest[:5])
    return f"{machine.metadata.name}-{letters}"


def _made_for(machine: Machine, name: str) -> dict[str, Any]:
    owner = {
        "apiVersion": MACHINE.api_version,
        "kind": MACHINE.name,
        "name": machine.metadata.name,
        "uid": machine.metadata.uid,
        "controller": True,
    }
    labels = {MACHINE_UID_LABEL: machine.metadata.uid}
    return {"metadata": {"name": name, "labels": labels, "ownerReferences": [owner]}}
