"""The images behind a guest's disks."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lab.machines.hypervisor import GuestDisk, HypervisorError
from lab.qemu.packages import program
from lab.storage.layout import volume_image

_FROM_THE_START: Final = "disk-"
_HOTPLUGGED: Final = "plug-"
"""Part of the id, because QEMU keeps that for whoever takes the guest over."""

_CHUNK_BYTES: Final = 1024**2


@dataclass(frozen=True, slots=True)
class DiskImage:
    id: str
    """For QEMU, which takes 31 bytes at most, and as serial number in the guest: virtio-blk takes 20."""
    path: Path

    @property
    def hotplugged(self) -> bool:
        """Only these are ever unplugged from a running guest."""
        return self.id.startswith(_HOTPLUGGED)

    @property
    def block_node(self) -> dict[str, Any]:
        """As QMP's `blockdev-add` and the command line take it."""
        return {"driver": "raw", "node-name": self.id, "file": {"driver": "file", "filename": str(self.path)}}

    @property
    def device(self) -> dict[str, str]:
        return {"driver": "virtio-blk-pci", "id": f"{self.id}-device", "drive": self.id, "serial": self.id}


def disk_image(disk: GuestDisk, storage: Path, *, hotplugged: bool = False) -> DiskImage:
    """Raises HypervisorError while the disk's volume is not known."""
    if not disk.handle:
        raise HypervisorError(f"the volume of VirtualDisk {disk.name} is not known yet")
    digest = hashlib.sha256(disk.handle.encode()).hexdigest()
    return DiskImage(
        f"{_HOTPLUGGED if hotplugged else _FROM_THE_START}{digest[:15]}", volume_image(storage, disk.handle)
    )


async def ensure_file_system(image: Path) -> None:
    """An ext4 on a blank disk; what holds anything is left as it is. Raises HypervisorError."""
    if not await asyncio.to_thread(is_blank, image):
        return
    # Nothing is left to be initialised later: the guest's kernel would do it while snapshots are cut.
    options = ("-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0")
    making = await asyncio.create_subprocess_exec(
        program("mkfs.ext4") or "mkfs.ext4",
        *options,
        str(image),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await making.communicate()
    if making.returncode != 0:
        raise HypervisorError(f"mkfs.ext4 {image} ended with {making.returncode}: {said.decode().strip()}")


def is_blank(image: Path) -> bool:
    """Raises HypervisorError when the volume is gone."""
    try:
        with image.open("rb") as file:
            return not any(any(chunk) for chunk in _data(file.fileno()))
    except FileNotFoundError as error:
        raise HypervisorError(f"{image} is gone") from error


def _data(descriptor: int) -> Any:
    """Holes are skipped: a new volume is nothing but one."""
    end = os.fstat(descriptor).st_size
    position = 0
    while position < end:
        try:
            position = os.lseek(descriptor, position, os.SEEK_DATA)
        except OSError:  # lseek(2): no data behind this position
            return
        chunk = os.pread(descriptor, _CHUNK_BYTES, position)
        yield chunk
        position += len(chunk)
