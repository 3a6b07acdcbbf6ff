"""Steps as people read them after "would"."""

from __future__ import annotations

import pytest

from tests.support.manifests import MOMENT
from tests.support.operation_worlds import clone, healthy, restore
from tests.support.world import World
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.evaluation.evaluate import evaluate
from webhook.findings.policy import Policy
from webhook.planning.moment import readable
from webhook.planning.wording import shortest_step_text, step_text


def test_a_restore_is_told_step_by_step() -> None:
    world = healthy(World(), phase="Running").change(VIRTUAL_MACHINE, "linux-vm", spec={"runPolicy": "Manual"})
    world.remove(VIRTUAL_MACHINE_IP_ADDRESS, "linux-vm-ip").attachment("plug", of="linux-vm", disk="new")
    steps = evaluate(restore("Strict"), world, Policy()).plan.steps
    assert [step_text(step) for step in steps] == [
        "stop VirtualMachine linux-vm",
        "keep VirtualMachineMACAddress linux-vm-mac",
        "create VirtualMachineIPAddress linux-vm-ip with 10.66.10.14",
        "replace VirtualDisk linux-vm-root with the data of 2026-01-02 03:04 UTC",
        "replace VirtualDisk linux-vm-data with the data of 2026-01-02 03:04 UTC",
        "replace VirtualDisk linux-vm-extra with the data of 2026-01-02 03:04 UTC",
        "delete VirtualMachineBlockDeviceAttachment plug",
        "replace VirtualMachineBlockDeviceAttachment linux-vm-plug to plug in VirtualDisk linux-vm-extra",
        "keep Secret cloud-init",
        "set VirtualMachine linux-vm back to the settings in VirtualMachineSnapshot before-upgrade",
    ]


def test_a_clone_is_told_step_by_step() -> None:
    world = healthy(World()).change(VIRTUAL_MACHINE, "linux-vm", spec={"runPolicy": "AlwaysOn"})
    steps = evaluate(clone("Strict"), world, Policy()).plan.steps
    assert [step_text(step) for step in steps] == [
        "take a temporary snapshot of VirtualMachine linux-vm",
        "create VirtualDisk linux-vm-root-copy with the data of VirtualDisk linux-vm-root",
        "create VirtualDisk linux-vm-data-copy with the data of VirtualDisk linux-vm-data",
        "create VirtualDisk linux-vm-extra-copy with the data of VirtualDisk linux-vm-extra",
        "create VirtualMachineBlockDeviceAttachment linux-vm-plug-copy to plug in VirtualDisk linux-vm-extra-copy",
        "create Secret cloud-init-copy from VirtualMachine linux-vm",
        "create VirtualMachine linux-vm-copy from VirtualMachine linux-vm",
        "start VirtualMachine linux-vm-copy",
        "delete the temporary snapshot",
    ]


def test_the_shortest_text_names_what_is_done_and_to_what() -> None:
    steps = evaluate(clone("Strict"), healthy(World()), Policy()).plan.steps
    assert shortest_step_text(steps[1]) == "create VirtualDisk linux-vm-root-copy"


@pytest.mark.parametrize(
    ("moment", "read"),
    [
        (MOMENT, "2026-01-02 03:04 UTC"),
        ("2026-01-02T03:04:05.123456Z", "2026-01-02 03:04 UTC"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T03:04:05+02:00"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_moments_are_read_in_minutes(moment: str, read: str) -> None:
    assert readable(moment) == read
