from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from lab.machines.annotations import AGENT, FREEZE, FREEZE_SECONDS
from lab.machines.hypervisor import GuestDisk
from lab.paths import lab_paths
from lab.qemu.command_line import asked_of_guest, command_line
from lab.qemu.disks import disk_image
from lab.qemu.files import guest_files
from tests.support.machine_side import machine

FILES = guest_files(Path("/state"), Path("/run"), "uid-of-vm")
DISKS = [disk_image(GuestDisk(name, f"pvc-{name}"), Path("/storage")) for name in ("root", "data")]


def options(name: str) -> list[str]:
    words = command_line("qemu", Path("/image"), FILES, DISKS, {"agent": "true"})
    return [value for option, value in pairwise(words) if option == name]


def test_guests_are_emulated_even_where_there_is_kvm() -> None:
    assert [each.split(",")[0] for each in options("-accel")] == ["tcg"]


def test_disks_are_plugged_in_in_the_order_of_the_machines_devices() -> None:
    nodes = [json.loads(each) for each in options("-blockdev")]
    assert [each["file"]["filename"] for each in nodes] == [str(disk.path) for disk in DISKS]
    plugged = [json.loads(each) for each in options("-device") if each.startswith("{")]
    assert [each["drive"] for each in plugged] == [each["node-name"] for each in nodes]


def test_guest_is_told_on_the_kernels_command_line() -> None:
    (words,) = options("-append")
    assert "snapgate.agent=true" in words.split()


@pytest.mark.parametrize(
    ("annotations", "asked"),
    [
        ({}, {"agent": "true", "freeze": "", "freeze_seconds": "0"}),
        ({AGENT: "false"}, {"agent": "false", "freeze": "", "freeze_seconds": "0"}),
        ({FREEZE: "refused"}, {"agent": "true", "freeze": "refused", "freeze_seconds": "0"}),
        ({FREEZE_SECONDS: "2.5"}, {"agent": "true", "freeze": "", "freeze_seconds": "2.5"}),
        ({FREEZE_SECONDS: "0 init=/bin/sh"}, {"agent": "true", "freeze": "", "freeze_seconds": "0"}),
    ],
)
def test_annotations_make_the_guest_misbehave(annotations: dict[str, str], asked: dict[str, str]) -> None:
    assert asked_of_guest(machine(annotations=annotations), 2) == {"disks": "2"} | asked


def test_sockets_fit_the_limit_of_unix_addresses() -> None:
    sockets = lab_paths("a" * 32).runtime / "guests"
    assert len(str(guest_files(Path("/state"), sockets, "9" * 36).monitor)) < 108
