from __future__ import annotations

import pytest

from tests.support.cases import MACHINE
from tests.support.world import World
from webhook.api.image import Phase as ImagePhase
from webhook.api.reference import Reference
from webhook.api.virtual_machine_block_device_attachment import Phase as AttachmentPhase
from webhook.api.virtual_machine_ip_address import Phase as AddressPhase
from webhook.facts.dependency import Address, Dependency
from webhook.facts.facts import Facts


def facts(world: World) -> Facts:
    return Facts(world, "default")


def test_what_does_not_exist_is_none(world: World) -> None:
    assert facts(world).image("VirtualImage", "x") is None
    assert facts(world).image("ClusterVirtualImage", "x") is None
    assert facts(world).address("x") is None
    assert facts(world).mac_address("x") is None
    assert not facts(world).class_exists("x")


def test_images_of_a_namespace_and_of_the_cluster_are_told_apart(world: World) -> None:
    world.elsewhere("other").image("ours").elsewhere("default").cluster_image("everyones")
    assert facts(world).image("VirtualImage", "ours") is None
    assert facts(world).image("VirtualImage", "everyones") is None
    everyones = facts(world).image("ClusterVirtualImage", "everyones")
    assert everyones == Dependency(Reference("ClusterVirtualImage", "", "everyones"), "Ready", False, True)


@pytest.mark.parametrize("phase", [*ImagePhase, "", "Unheard"])
def test_image_is_ready_in_phase_ready_only(world: World, phase: str) -> None:
    image = facts(world.image("iso", phase=phase)).image("VirtualImage", "iso")
    assert image is not None
    assert image.ready is (phase == "Ready")


@pytest.mark.parametrize("phase", [*AddressPhase, "", "Unheard"])
def test_address_is_the_machines_own_from_bound_on(world: World, phase: str) -> None:
    known = facts(world.ip_address("ip", phase=phase).mac_address("mac", phase=phase))
    for address in (known.address("ip"), known.mac_address("mac")):
        assert address is not None
        assert address.ready is (phase in {"Bound", "Attached"})


@pytest.mark.parametrize(("type_", "automatic"), [("Auto", True), ("Static", False)])
def test_address_comes_with_its_value_and_its_machine(world: World, type_: str, automatic: bool) -> None:
    world.ip_address("ip", of=MACHINE, type_=type_, address="10.0.0.7")
    assert facts(world).address("ip") == Address(
        reference=Reference("VirtualMachineIPAddress", "default", "ip"),
        phase="Attached",
        deleting=False,
        ready=True,
        machine=MACHINE,
        address="10.0.0.7",
        automatic=automatic,
    )


@pytest.mark.parametrize("phase", [*AttachmentPhase, "", "Unheard"])
def test_attachment_is_ready_in_phase_attached_only(world: World, phase: str) -> None:
    world.machine(MACHINE).attachment("plug", of=MACHINE, disk="data", phase=phase)
    machine = facts(world).machine(MACHINE)
    assert machine is not None
    (attachment,) = facts(world).attachments_of(machine)
    assert attachment.ready is (phase == "Attached")


def test_namespace_is_on_its_way_out_once_it_is_deleted(world: World) -> None:
    assert not facts(world).namespace_terminating
    world.elsewhere("other").terminating()
    assert not facts(world).namespace_terminating
    assert Facts(world, "other").namespace_terminating
