from __future__ import annotations

import pytest

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.manifests import condition, device
from tests.support.world import World
from webhook.api.virtual_machine import VIRTUAL_MACHINE, ConditionType, Phase
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine


def machine(world: World) -> Machine:
    found = Facts(world, "default").machine(MACHINE)
    assert found is not None
    return found


@pytest.mark.parametrize("phase", [*Phase, "", "Hibernated"])
def test_machine_is_off_in_phase_stopped_only(world: World, phase: str) -> None:
    assert machine(world.machine(MACHINE, phase=phase)).powered_off is (phase == "Stopped")


@pytest.mark.parametrize("phase", [*Phase, "", "Hibernated"])
def test_machine_is_captured_running_or_stopped(world: World, phase: str) -> None:
    assert machine(world.machine(MACHINE, phase=phase)).capturable is (phase in {"Running", "Stopped"})


@pytest.mark.parametrize("status", [None, {}, {"phase": None, "conditions": None, "blockDeviceRefs": None}])
def test_machine_without_status_promises_nothing(world: World, status: dict[str, None] | None) -> None:
    world.machine(MACHINE).put(
        VIRTUAL_MACHINE, {"metadata": {"name": MACHINE}, "spec": {"blockDeviceRefs": []}, "status": status}
    )
    found = machine(world)
    assert found.phase == ""
    assert not found.powered_off
    assert not found.agent_ready
    assert not found.filesystem_frozen
    assert not found.pending_changes


@pytest.mark.parametrize("state", ["False", "Unknown"])
def test_agent_is_ready_only_when_its_condition_is_true(world: World, state: str) -> None:
    agent = condition("AgentReady") | {"status": state}
    world.machine(MACHINE).change(VIRTUAL_MACHINE, MACHINE, status={"conditions": [agent]})
    assert not machine(world).agent_ready


def test_conditions_are_told_apart(world: World) -> None:
    frozen = [condition("AgentReady", true=False), condition("FilesystemFrozen"), condition("Unheard")]
    world.machine(MACHINE).change(VIRTUAL_MACHINE, MACHINE, status={"conditions": frozen})
    assert machine(world).filesystem_frozen
    assert not machine(world).agent_ready


def test_disks_are_those_configured_and_those_hot_plugged(world: World) -> None:
    world.machine(MACHINE, disks=[ROOT], images=["iso"], cluster_images=["tools"], hotplugged=[DATA])
    assert machine(world).disk_names == (ROOT, DATA)
    assert [image.name for image in machine(world).images] == ["iso", "tools"]


def test_disk_of_the_spec_counts_before_the_status_shows_it(world: World) -> None:
    world.machine(MACHINE, disks=[ROOT], hotplugged=[DATA])
    world.change(VIRTUAL_MACHINE, MACHINE, status={"blockDeviceRefs": [device("VirtualDisk", DATA, hotplugged=True)]})
    assert machine(world).disk_names == (DATA, ROOT)


def test_a_disk_and_an_image_of_one_name_are_two_devices(world: World) -> None:
    world.machine(MACHINE, disks=["same"], images=["same"])
    assert machine(world).disk_names == ("same",)
    assert [image.kind for image in machine(world).images] == ["VirtualImage"]


def test_changes_that_await_a_restart_are_seen(world: World) -> None:
    assert machine(world.machine(MACHINE, pending_changes=True)).pending_changes
    assert not machine(world.machine(MACHINE)).pending_changes
    world.change(VIRTUAL_MACHINE, MACHINE, status={"restartAwaitingChanges": []})
    assert not machine(world).pending_changes


def test_address_is_the_one_in_use_before_the_one_asked_for(world: World) -> None:
    world.machine(MACHINE).change(VIRTUAL_MACHINE, MACHINE, spec={"virtualMachineIPAddressName": "asked-for"})
    assert machine(world).address_name == "asked-for"
    world.change(VIRTUAL_MACHINE, MACHINE, status={"virtualMachineIPAddressName": "in-use"})
    assert machine(world).address_name == "in-use"


def test_mac_addresses_are_those_of_additional_networks(world: World) -> None:
    main = {"type": "Main", "virtualMachineMACAddressName": "no-object-of-its-own"}
    made, written, unnamed = (
        {"type": "Network", "name": name} | ({"virtualMachineMACAddressName": name} if name else {})
        for name in ("made", "written", "")
    )
    world.machine(MACHINE).change(
        VIRTUAL_MACHINE,
        MACHINE,
        spec={"networks": [main, written, unnamed]},
        status={"networks": [main, made, written]},
    )
    assert machine(world).mac_address_names == ("made", "written")


@pytest.mark.parametrize(
    ("provisioning", "secret"),
    [
        ({"type": "UserDataRef", "userDataRef": {"name": "cloud-init"}}, "cloud-init"),
        ({"type": "SysprepRef", "sysprepRef": {"kind": "Secret", "name": "answers"}}, "answers"),
        ({"type": "UserData", "userData": "#cloud-config"}, ""),
        (None, ""),
    ],
)
def test_provisioning_may_be_in_a_secret(world: World, provisioning: dict[str, str] | None, secret: str) -> None:
    world.machine(MACHINE).change(VIRTUAL_MACHINE, MACHINE, spec={"provisioning": provisioning})
    assert machine(world).provisioning_secret == secret


@pytest.mark.parametrize(("state", "reason"), [("False", "Missing"), ("Unknown", "Missing"), ("True", "")])
def test_condition_is_unmet_when_it_is_there_and_not_true(world: World, state: str, reason: str) -> None:
    said = condition("ProvisioningReady", reason="Missing") | {"status": state}
    world.machine(MACHINE).change(VIRTUAL_MACHINE, MACHINE, status={"conditions": [said]})
    assert machine(world).unmet(ConditionType.PROVISIONING_READY) == reason
    assert machine(world).unmet(ConditionType.CLASS_READY) == ""
