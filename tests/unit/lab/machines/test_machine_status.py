from __future__ import annotations

from typing import Any

import pytest

from lab.machines.kinds import MachineStatus
from lab.machines.machine_status import AGENT, PENDING_CHANGES, MachineScene, circumstances, machine_status
from tests.support.machine_side import NOW, condition, disk, machine, machine_snapshot
from webhook.api.virtual_machine import Phase


def scene(**members: Any) -> MachineScene:
    defaults: dict[str, Any] = {
        "machine": machine(phase="Running"),
        "disks": {"root": disk("root", phase="Ready", capacity="1Gi")},
    }
    return MachineScene(**(defaults | members))


def said(status: MachineStatus) -> dict[str, tuple[str, str]]:
    return {each.type: (each.status, each.reason) for each in status.conditions}


def test_running_machine_has_an_agent() -> None:
    found = said(machine_status(scene(), Phase.RUNNING, NOW))
    assert found == {"BlockDevicesReady": ("True", "BlockDevicesReady"), "AgentReady": ("True", "AgentReady")}


def test_machine_without_an_agent_on_request_says_so() -> None:
    without = machine(phase="Running", annotations={AGENT: "false"})
    found = said(machine_status(scene(machine=without), Phase.RUNNING, NOW))
    assert found["AgentReady"] == ("False", "AgentNotReady")


@pytest.mark.parametrize("phase", [Phase.PENDING, Phase.STARTING, Phase.STOPPED])
def test_machine_that_does_not_run_says_nothing_of_an_agent(phase: Phase) -> None:
    with_agent = machine(phase="Running", conditions=[condition("AgentReady")])
    assert "AgentReady" not in said(machine_status(scene(machine=with_agent), phase, NOW))


def test_frozen_machine_says_so() -> None:
    assert said(machine_status(scene(frozen=True), Phase.RUNNING, NOW))["FilesystemFrozen"] == ("True", "Frozen")


def test_thawed_machine_no_longer_speaks_of_it() -> None:
    frozen = machine(phase="Running", conditions=[condition("FilesystemFrozen", reason="Frozen")])
    assert "FilesystemFrozen" not in said(machine_status(scene(machine=frozen), Phase.RUNNING, NOW))


def test_conditions_of_others_stay() -> None:
    maintained = machine(phase="Running", conditions=[condition("Maintenance")])
    assert "Maintenance" in said(machine_status(scene(machine=maintained), Phase.RUNNING, NOW))


@pytest.mark.parametrize(
    ("disks", "message"),
    [
        ({}, "waiting for VirtualDisk root (does not exist)"),
        ({"root": disk(phase="Provisioning")}, "waiting for VirtualDisk root (Provisioning)"),
    ],
)
def test_machine_names_the_disk_it_waits_for(disks: Any, message: str) -> None:
    (first, *_) = machine_status(scene(disks=disks), Phase.PENDING, NOW).conditions
    assert (first.type, first.reason, first.message) == ("BlockDevicesReady", "BlockDevicesNotReady", message)


@pytest.mark.parametrize("phase", ["Ready", "Resizing"])
def test_disk_that_can_be_used_is_ready_for_its_machine(phase: str) -> None:
    assert circumstances(scene(disks={"root": disk(phase=phase)})).disks_ready


@pytest.mark.parametrize(
    ("snapshot_phase", "reason"),
    [
        ("", "WaitingForTheSnapshotToStart"),
        ("Pending", "WaitingForTheSnapshotToStart"),
        ("InProgress", "SnapshottingInProgress"),
    ],
)
def test_machine_is_snapshotting_while_a_snapshot_is_unfinished(snapshot_phase: str, reason: str) -> None:
    found = machine_status(scene(snapshots=(machine_snapshot(phase=snapshot_phase),)), Phase.RUNNING, NOW)
    assert said(found)["Snapshotting"] == ("True", reason)


@pytest.mark.parametrize(("phase", "withheld"), [("Pending", False), ("InProgress", True), ("Ready", False)])
def test_start_is_withheld_only_while_a_snapshot_is_in_progress(phase: str, withheld: bool) -> None:
    assert circumstances(scene(snapshots=(machine_snapshot(phase=phase),))).start_withheld is withheld


def test_devices_of_a_running_machine_are_attached_with_size_and_target() -> None:
    (device,) = machine_status(scene(), Phase.RUNNING, NOW).block_device_refs
    assert (device.name, device.attached, device.size, device.target) == ("root", True, "1Gi", "sda")


def test_devices_of_a_stopped_machine_are_listed_and_not_attached() -> None:
    (device,) = machine_status(scene(), Phase.STOPPED, NOW).block_device_refs
    assert (device.name, device.attached) == ("root", False)


def test_changes_await_a_restart_on_request() -> None:
    changed = machine(phase="Running", annotations={PENDING_CHANGES: "true"})
    assert machine_status(scene(machine=changed), Phase.RUNNING, NOW).restart_awaiting_changes
