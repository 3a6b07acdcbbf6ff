from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.machines.hypervisor import GuestDisk, HypervisorError
from lab.qemu.disks import disk_image, ensure_file_system, is_blank
from lab.qemu.packages import install_command, program
from lab.storage.layout import volume_image

STORAGE = Path("/storage")
MEGABYTE = 1024**2

needs_e2fsprogs = pytest.mark.skipif(
    program("mkfs.ext4") is None, reason=f"needs mkfs.ext4; as root: {install_command(['e2fsprogs'])}"
)


def sparse(path: Path, *, megabytes: int = 16) -> Path:
    with path.open("wb") as file:
        file.truncate(megabytes * MEGABYTE)
    return path


def test_new_volume_is_blank(tmp_path: Path) -> None:
    assert is_blank(sparse(tmp_path / "new"))


def test_zeros_that_were_written_are_blank(tmp_path: Path) -> None:
    image = tmp_path / "zeros"
    image.write_bytes(b"\0" * 3 * MEGABYTE)
    assert is_blank(image)


@pytest.mark.parametrize("offset", [0, 1080, 7 * MEGABYTE, 16 * MEGABYTE - 1])
def test_disk_with_a_single_byte_anywhere_is_not_blank(tmp_path: Path, offset: int) -> None:
    image = sparse(tmp_path / "used")
    with image.open("r+b") as file:
        file.seek(offset)
        file.write(b"x")
    assert not is_blank(image)


def test_volume_that_is_gone_is_no_blank_one(tmp_path: Path) -> None:
    with pytest.raises(HypervisorError, match="gone"):
        is_blank(tmp_path / "gone")


@needs_e2fsprogs
async def test_blank_disk_gets_a_file_system_once(tmp_path: Path) -> None:
    image = sparse(tmp_path / "new")
    await ensure_file_system(image)
    made = image.read_bytes()
    assert made[1080:1082] == b"\x53\xef"  # the magic number of ext2 and its successors
    await ensure_file_system(image)
    assert image.read_bytes() == made


async def test_disk_that_holds_anything_is_left_as_it_is(tmp_path: Path) -> None:
    image = tmp_path / "used"
    image.write_bytes(b"somebody's")
    await ensure_file_system(image)
    assert image.read_bytes() == b"somebody's"


@needs_e2fsprogs
async def test_disk_that_is_too_small_is_said_to_be(tmp_path: Path) -> None:
    image = tmp_path / "tiny"
    image.write_bytes(b"\0" * 1024)
    with pytest.raises(HypervisorError, match="tiny"):
        await ensure_file_system(image)


@given(st.text(min_size=1), st.booleans())
def test_every_handle_gives_a_name_that_qemu_and_the_guest_take(handle: str, hotplugged: bool) -> None:
    image = disk_image(GuestDisk("root", handle), STORAGE, hotplugged=hotplugged)
    assert len(image.id) <= 20
    assert image.hotplugged is hotplugged
    assert image.path == volume_image(STORAGE, handle)


def test_disk_without_a_known_volume_is_waited_for() -> None:
    with pytest.raises(HypervisorError, match="VirtualDisk root"):
        disk_image(GuestDisk("root", ""), STORAGE)
