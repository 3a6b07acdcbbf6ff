"""What QEMU is started with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lab.machines.annotations import freezing_seconds, has_agent, refuses_to_freeze
from lab.machines.kinds import Machine
from lab.qemu.disks import DiskImage
from lab.qemu.files import GuestFiles
from lab.qemu.image import KERNEL_FILE, ROOT_FILE

MEMORY_MEGABYTES: Final = 128
"""Whatever the machine's spec says. Debian's kernel boots with 96 and does not with 80 (measured)."""

AGENT_PORT: Final = "agent0"
"""Named, so that QEMU tells when the agent opens and closes it (VSERPORT_CHANGE)."""
AGENT_CHARDEV: Final = "agent"


def asked_of_guest(machine: Machine, disks: int) -> dict[str, str]:
    """How it is to behave, by the annotations that it starts with."""
    return {
        "disks": str(disks),
        "agent": "true" if has_agent(machine) else "false",
        "freeze": "refused" if refuses_to_freeze(machine) else "",
        "freeze_seconds": f"{freezing_seconds(machine, 0):g}",
    }


def command_line(
    qemu: str, image: Path, files: GuestFiles, disks: Sequence[DiskImage], asked: Mapping[str, str]
) -> list[str]:
    """Never KVM, even where there is one: guests are to behave the same everywhere."""
    words = ["console=ttyS0", "panic=-1", "rdinit=/init", "quiet", *(f"snapgate.{k}={v}" for k, v in asked.items())]
    return [
        qemu,
        "-accel",
        "tcg,tb-size=32",
        "-machine",
        "pc",
        "-m",
        str(MEMORY_MEGABYTES),
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-no-reboot",
        "-chardev",
        f"file,id=console,path={files.console},append=on",
        "-serial",
        "chardev:console",
        "-kernel",
        str(image / KERNEL_FILE),
        "-initrd",
        str(image / ROOT_FILE),
        "-append",
        " ".join(words),
        "-qmp",
        f"unix:{files.monitor},server=on,wait=off",
        "-chardev",
        f"socket,id={AGENT_CHARDEV},path={files.agent},server=on,wait=off",
        "-device",
        "virtio-serial-pci",
        "-device",
        f"virtserialport,chardev={AGENT_CHARDEV},name=org.qemu.guest_agent.0,id={AGENT_PORT}",
        *(word for disk in disks for word in ("-blockdev", json.dumps(disk.block_node))),
        *(word for disk in disks for word in ("-device", json.dumps(disk.device))),
    ]
