from __future__ import annotations

import pytest

from lab.machines.attachments import AttachmentScene, attachment_status
from lab.machines.kinds import Machine
from lab.machines.world import World
from tests.support.machine_side import EARLIER, NOW, attachment, disk, machine

PLUGGED = {
    "kind": "VirtualDisk",
    "name": "data",
    "attached": True,
    "hotplugged": True,
    "virtualMachineBlockDeviceAttachmentName": "plug",
}


@pytest.mark.parametrize(
    ("target", "ready", "rival", "phase", "reason"),
    [
        (None, True, "", "Pending", "NotAttached"),
        (machine(phase="Stopped"), True, "", "Pending", "NotAttached"),
        (machine(phase="Running"), False, "", "Pending", "NotAttached"),
        (machine(phase="Running"), True, "", "InProgress", "AttachmentRequestSent"),
        (machine(phase="Running", blockDeviceRefs=[PLUGGED]), True, "", "Attached", "Attached"),
        (machine(phase="Running"), True, "VirtualMachine vm itself", "Failed", "Conflict"),
    ],
)
def test_attachment_is_attached_once_its_machine_lists_the_device(
    target: Machine | None, rival: str, phase: str, reason: str, *, ready: bool
) -> None:
    status = attachment_status(AttachmentScene(attachment(), target, ready, rival), NOW)
    said = {each.type: each.reason for each in status.conditions}
    assert (status.phase, said["Attached"]) == (phase, reason)


def world(*, disks: tuple[str, ...] = ("root",)) -> World:
    found = World(lambda _: None)
    found.machines.upsert(("default", "vm"), machine("vm", disks=disks, phase="Running"))
    found.disks.upsert(("default", "data"), disk("data", phase="Ready"))
    return found


def test_device_of_the_machine_itself_cannot_be_attached_again() -> None:
    found = world(disks=("root", "data"))
    assert found.attachment_scene(attachment()).rival == "VirtualMachine vm itself"


def test_of_two_attachments_of_one_device_the_older_has_it() -> None:
    found = world()
    older, newer = attachment("b", created=EARLIER), attachment("a", created=NOW)
    for each in (older, newer):
        found.attachments.upsert(("default", each.metadata.name), each)
    assert found.attachment_scene(older).rival == ""
    assert found.attachment_scene(newer).rival == "VirtualMachineBlockDeviceAttachment b"


def test_guest_writes_to_what_its_machine_has_plugged_in() -> None:
    found = world()
    assert found.machine_scene(machine("vm", phase="Running"), frozen=False).attachments == ()
    found.attachments.upsert(("default", "plug"), attachment())
    scene = found.machine_scene(machine("vm", phase="Running"), frozen=False)
    assert [each.metadata.name for each in scene.attachments] == ["plug"]
    assert set(scene.disks) == {"data"}


def test_disk_that_is_plugged_in_knows_its_machine() -> None:
    found = World(lambda _: None)
    found.machines.upsert(("default", "vm"), machine("vm", phase="Running", blockDeviceRefs=[PLUGGED]))
    assert [each.metadata.name for each in found.disk_scene(disk("data")).machines] == ["vm"]
