from __future__ import annotations

import pytest

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.manifests import condition, device
from tests.support.world import World
from webhook.api.virtual_machine import VIRTUAL_MACHINE, Phase
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
