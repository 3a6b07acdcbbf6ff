"""Who has what an operation wants."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cases import DATA, MACHINE
from tests.support.manifests import metadata
from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_ip_address_lease import VIRTUAL_MACHINE_IP_ADDRESS_LEASE
from webhook.api.virtual_machine_mac_address_lease import VIRTUAL_MACHINE_MAC_ADDRESS_LEASE
from webhook.facts.holders import Holders, Use

IP = "10.66.10.14"
MAC = "02:00:5e:10:00:01"


def users(world: World, *, other_than: str = MACHINE) -> list[Use]:
    return list(Holders(world, "default").of_disk(DATA, other_than=other_than))


def holders_of(world: World, value: str = IP) -> list[str]:
    found = Holders(world, "default")
    each = found.of_ip_address(value) if "." in value else found.of_mac_address(value)
    told = ((holder.address, holder.machine, holder.phase) for holder in each)
    return [f"{address.namespace}/{address.name} {machine} {phase}".rstrip() for address, machine, phase in told]


def lease(kind: Kind[Any], name: str, holder: str, *, phase: str = "Bound") -> Any:
    reference = kind.name.removesuffix("Lease")
    spec = {f"v{reference[1:]}Ref": {"namespace": "other", "name": holder}} if holder else {}
    return {"metadata": metadata(name), "spec": spec, "status": {"phase": phase}}


@pytest.mark.parametrize("phase", ["Running", "Stopped", "Pending", ""])
def test_a_machine_that_lists_the_disk_has_it_running_or_not(world: World, phase: str) -> None:
    world.disk(DATA).machine("billing", disks=[DATA], phase=phase)
    assert users(world) == [Use("billing", phase)]


def test_a_machine_that_only_the_disk_knows_of_has_it(world: World) -> None:
    world.disk(DATA, users=["new"])
    assert users(world) == [Use("new", "")]


def test_a_machine_that_is_gone_has_nothing(world: World) -> None:
    world.disk(DATA).change(VIRTUAL_DISK, DATA, status={"attachedToVirtualMachines": [{"name": "gone"}]})
    world.attachment("plug", of="gone", disk=DATA)
    assert users(world) == []


def test_what_plugs_it_in_is_told(world: World) -> None:
    world.disk(DATA).machine("billing").attachment("plug", of="billing", disk=DATA, phase="Pending")
    assert users(world) == [Use("billing", "Running", "plug")]


def test_an_attachment_of_an_image_of_the_same_name_is_none_of_the_disk(world: World) -> None:
    world.disk(DATA).machine("billing")
    world.attachment("plug", of="billing", disk="other")
    assert users(world) == []


def test_the_machine_itself_and_machines_of_other_namespaces_do_not_count(world: World) -> None:
    world.disk(DATA).machine(MACHINE, disks=[DATA])
    world.elsewhere("other").machine("billing", disks=[DATA])
    assert users(world) == []
    assert users(world, other_than="billing") == [Use(MACHINE, "Running")]


def test_an_address_is_held_in_the_whole_cluster(world: World) -> None:
    world.elsewhere("other").ip_address("a", of="billing", address=IP).machine("billing", phase="Stopped")
    world.elsewhere("third").ip_address("b", type_="Static", address=IP, phase="Pending")
    assert holders_of(world) == ["other/a billing Stopped", "third/b"]


def test_an_address_that_is_only_asked_for_is_held(world: World) -> None:
    world.put(VIRTUAL_MACHINE_IP_ADDRESS, {"metadata": metadata("wanted"), "spec": {"type": "Static", "staticIP": IP}})
    assert holders_of(world) == ["default/wanted"]


def test_a_lease_names_a_holder_that_nobody_else_knows_of(world: World) -> None:
    world.put(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, lease(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, "ip-10-66-10-14", "billing-ip"))
    assert holders_of(world) == ["other/billing-ip"]


def test_a_lease_and_its_object_are_one_holder(world: World) -> None:
    world.put(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, lease(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, "ip-10-66-10-14", "a"))
    world.elsewhere("other").ip_address("a", of="billing", address=IP)
    assert holders_of(world) == ["other/a billing"]


@pytest.mark.parametrize(("holder", "phase"), [("billing-ip", "Released"), ("", "Bound")])
def test_a_lease_that_is_released_or_names_nobody_holds_nothing(world: World, holder: str, phase: str) -> None:
    manifest = lease(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, "ip-10-66-10-14", holder, phase=phase)
    assert holders_of(world.put(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, manifest)) == []


@pytest.mark.parametrize("asked", [MAC, MAC.upper(), MAC.replace(":", "-")])
@pytest.mark.parametrize("written", [MAC, MAC.upper(), MAC.replace(":", "-")])
def test_spellings_of_a_mac_address_are_one_address(world: World, asked: str, written: str) -> None:
    world.elsewhere("other").mac_address("a", of="billing", address=written)
    assert holders_of(world, asked) == ["other/a billing"]


def test_a_lease_of_a_mac_address_counts_too(world: World) -> None:
    name = "mac-02-00-5e-10-00-01"
    world.put(VIRTUAL_MACHINE_MAC_ADDRESS_LEASE, lease(VIRTUAL_MACHINE_MAC_ADDRESS_LEASE, name, "billing-mac"))
    assert holders_of(world, MAC.upper()) == ["other/billing-mac"]


def test_a_usb_device_belongs_to_machines_that_name_it(world: World) -> None:
    world.machine("a").machine("b", phase="Stopped")
    world.change(VIRTUAL_MACHINE, "b", spec={"usbDevices": [{"name": "token"}]})
    assert Holders(world, "default").of_usb_device("token") == [Use("b", "Stopped")]
    assert Holders(world, "default").of_usb_device("other") == []


def test_a_secret_belongs_to_machines_that_are_provisioned_from_it(world: World) -> None:
    world.machine("a", provisioning_secret="cloud-init").machine("b").machine("c", phase="Stopped")
    sysprep = {"type": "SysprepRef", "sysprepRef": {"kind": "Secret", "name": "cloud-init"}}
    world.change(VIRTUAL_MACHINE, "c", spec={"provisioning": sysprep})
    assert Holders(world, "default").of_secret("cloud-init") == [Use("a", "Running"), Use("c", "Stopped")]
