from __future__ import annotations

from typing import Any

import pytest

from lab.machines.instances import Instance
from lab.machines.kinds import MachineStatus
from lab.machines.machine_scene import MachineScene
from lab.machines.machine_status import circumstances, machine_status
from lab.machines.restarts import launch_configuration
from tests.support.machine_side import (
    NOW,
    attachment,
    condition,
    disk,
    ip_address,
    mac_address,
    machine,
    machine_snapshot,
)
from webhook.api.virtual_machine import Phase


def scene(**members: Any) -> MachineScene:
    defaults: dict[str, Any] = {
        "machine": machine(phase="Running"),
        "disks": {"root": disk("root", phase="Ready", capacity="1Gi")},
        "address": ip_address("vm-ip", used_by="vm", address="10.66.0.1"),
    }
    return MachineScene(**(defaults | members))


def said(status: MachineStatus) -> dict[str, tuple[str, str]]:
    return {each.type: (each.status, each.reason) for each in status.conditions}


def test_running_machine_has_an_agent() -> None:
    found = said(machine_status(scene(), Phase.RUNNING, NOW))
    assert found == {
        "BlockDevicesReady": ("True", "BlockDevicesReady"),
        "VirtualMachineIPAddressReady": ("True", "VirtualMachineIPAddressReady"),
        "AgentReady": ("True", "AgentReady"),
    }


def test_machine_whose_agent_is_not_connected_says_so() -> None:
    found = said(machine_status(scene(agent_connected=False), Phase.RUNNING, NOW))
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
    maintained = machine(phase="Running", conditions=[condition("Somebody")])
    assert "Somebody" in said(machine_status(scene(machine=maintained), Phase.RUNNING, NOW))


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
    assert circumstances(scene(disks={"root": disk(phase=phase)})).ready


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


def test_changes_since_the_start_await_a_restart() -> None:
    launched = Instance(launched_with=launch_configuration(machine(spec={"cpu": {"cores": 1}})))
    changed = machine(phase="Running", spec={"cpu": {"cores": 2}})
    found = machine_status(scene(machine=changed, instance=launched), Phase.RUNNING, NOW)
    assert found.restart_awaiting_changes == (
        {"operation": "replace", "path": "cpu.cores", "currentValue": 1, "desiredValue": 2},
    )
    assert said(found)["AwaitingRestartToApplyConfiguration"] == ("True", "ChangesPendingRestart")


def test_disk_added_since_the_start_is_listed_and_not_attached() -> None:
    launched = Instance(launched_with=launch_configuration(machine()))
    found = machine_status(
        scene(
            machine=machine(phase="Running", disks=("root", "data")),
            disks={name: disk(name, phase="Ready") for name in ("root", "data")},
            instance=launched,
        ),
        Phase.RUNNING,
        NOW,
    )
    assert [(each.name, each.attached) for each in found.block_device_refs] == [("root", True), ("data", False)]


def test_hot_plugged_disk_is_listed_with_its_attachment() -> None:
    disks = {name: disk(name, phase="Ready") for name in ("root", "data")}
    found = machine_status(scene(disks=disks, attachments=(attachment("plug", "data"),)), Phase.RUNNING, NOW)
    device = found.block_device_refs[1]
    assert (device.name, device.attached, device.hotplugged, device.target) == ("data", True, True, "sdb")
    assert device.virtual_machine_block_device_attachment_name == "plug"


def test_machine_that_is_off_takes_no_new_attachment_and_keeps_an_old_one() -> None:
    disks = {name: disk(name, phase="Ready") for name in ("root", "data", "more")}
    old = {"kind": "VirtualDisk", "name": "data", "attached": True, "virtualMachineBlockDeviceAttachmentName": "old"}
    stopping = machine(phase="Stopping", blockDeviceRefs=[old])
    both = (attachment("new", "more"), attachment("old", "data"))
    found = machine_status(scene(machine=stopping, disks=disks, attachments=both), Phase.STOPPED, NOW)
    assert [(each.name, each.attached) for each in found.block_device_refs] == [("root", False), ("data", False)]


def test_machine_says_where_it_can_be_reached() -> None:
    found = machine_status(scene(), Phase.RUNNING, NOW)
    assert (found.ip_address_name, found.ip_address) == ("vm-ip", "10.66.0.1")
    assert [each.type for each in found.networks] == ["Main"]


def test_additional_network_shows_its_mac_address() -> None:
    networks = [{"type": "Main"}, {"type": "Network", "name": "lan", "virtualMachineMACAddressName": "mac"}]
    found = machine_status(
        scene(
            machine=machine(phase="Running", spec={"networks": networks}),
            mac_addresses={"mac": mac_address("mac", used_by="vm", address="02:66:00:00:00:01")},
        ),
        Phase.RUNNING,
        NOW,
    )
    network = found.networks[1]
    assert (network.id, network.name, network.mac_address, network.mac_address_name) == (
        2,
        "lan",
        "02:66:00:00:00:01",
        "mac",
    )
    assert said(found)["VirtualMachineMACAddressReady"] == ("True", "VirtualMachineMACAddressReady")


@pytest.mark.parametrize(
    ("members", "condition_type", "message"),
    [
        ({"address": None}, "VirtualMachineIPAddressReady", "its VirtualMachineIPAddress does not exist"),
        (
            {"address": ip_address("shared", used_by="other", address="10.66.0.1")},
            "VirtualMachineIPAddressReady",
            "VirtualMachineIPAddress shared is attached to other",
        ),
        (
            {"machine": machine(spec={"virtualMachineClassName": "big"}), "class_found": False},
            "VirtualMachineClassReady",
            "VirtualMachineClass big does not exist",
        ),
        (
            {
                "machine": machine(spec={"provisioning": {"type": "UserDataRef", "userDataRef": {"name": "init"}}}),
                "secret_found": False,
            },
            "ProvisioningReady",
            "Secret init does not exist",
        ),
        (
            {"machine": machine(disks=(), spec={"blockDeviceRefs": [{"kind": "VirtualImage", "name": "iso"}]})},
            "BlockDevicesReady",
            "waiting for VirtualImage iso (does not exist)",
        ),
    ],
)
def test_machine_waits_for_what_it_needs_and_names_it(
    members: dict[str, Any], condition_type: str, message: str
) -> None:
    waiting = scene(**members)
    conditions = {each.type: each for each in machine_status(waiting, Phase.PENDING, NOW).conditions}
    assert (conditions[condition_type].status, conditions[condition_type].message) == ("False", message)
    assert not circumstances(waiting).ready


def test_machine_that_is_not_due_to_run_need_not_wait_for_disks_that_wait_for_it() -> None:
    disks = {"root": disk(phase="WaitForFirstConsumer")}
    assert circumstances(scene(machine=machine(run_policy="Manual"), disks=disks)).ready
    assert not circumstances(scene(machine=machine(run_policy="AlwaysOn"), disks=disks)).ready


def test_maintained_machine_that_is_off_says_nothing_else() -> None:
    kept = condition("Maintenance", reason="RestoreInProgress")
    maintained = machine(phase="Stopping", conditions=[kept, condition("BlockDevicesReady")])
    assert said(machine_status(scene(machine=maintained), Phase.STOPPED, NOW)) == {
        "Maintenance": ("True", "RestoreInProgress")
    }


def test_end_of_maintenance_is_acknowledged_by_removing_the_condition() -> None:
    ending = machine(phase="Stopped", conditions=[condition("Maintenance", status="False")])
    assert "Maintenance" not in said(machine_status(scene(machine=ending), Phase.STOPPED, NOW))
