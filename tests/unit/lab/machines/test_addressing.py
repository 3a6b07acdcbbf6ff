from __future__ import annotations

from lab.machines.addressing import (
    machine_ip_address_name,
    machine_mac_address_names,
    missing_ip_address,
    missing_mac_addresses,
)
from lab.machines.world import World
from tests.support.machine_side import ip_address, machine

LAN = {"type": "ClusterNetwork", "name": "lan"}


def test_address_made_for_a_machine_goes_with_it() -> None:
    made = missing_ip_address(machine("vm"))
    assert made is not None
    assert made["spec"] == {"type": "Auto"}
    assert made["metadata"]["name"] == machine_ip_address_name(machine("vm"))
    assert made["metadata"]["labels"] == {"virtualization.deckhouse.io/virtual-machine-uid": "uid-of-vm"}
    assert [(each["kind"], each["uid"]) for each in made["metadata"]["ownerReferences"]] == [
        ("VirtualMachine", "uid-of-vm")
    ]


def test_machine_that_names_its_address_gets_no_other() -> None:
    assert missing_ip_address(machine(spec={"virtualMachineIPAddressName": "ip"})) is None


def test_machine_without_a_main_network_has_no_ip_address() -> None:
    apart = machine(spec={"networks": [LAN]})
    assert (machine_ip_address_name(apart), missing_ip_address(apart)) == ("", None)


def test_mac_addresses_are_made_for_additional_networks_that_name_none() -> None:
    wired = machine(
        spec={
            "networks": [{"type": "Main"}, LAN, {"type": "Network", "name": "san", "virtualMachineMACAddressName": "m"}]
        }
    )
    made, named = machine_mac_address_names(wired)
    assert named == "m"
    assert [each["metadata"]["name"] for each in missing_mac_addresses(wired)] == [made]


def test_whoever_has_an_address_keeps_it_while_another_machine_asks_for_it() -> None:
    world = World(lambda _: None)
    for name in ("a", "b"):
        asking = machine(name, spec={"virtualMachineIPAddressName": "ip"})
        world.machines.upsert(("default", name), asking)
    assert world.machine_at(ip_address("ip")) == "a"
    assert world.machine_at(ip_address("ip", used_by="b", address="10.66.0.1")) == "b"
    assert world.machine_at(ip_address("unused")) == ""
