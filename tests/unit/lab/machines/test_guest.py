from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lab.machines.guest import RECORD_BYTES, CounterRecord, Guest, read_record, write_counter

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def blank_disks(directory: Path, count: int) -> tuple[Path, ...]:
    images = tuple(directory / f"{number}.img" for number in range(count))
    for image in images:
        image.write_bytes(b"\0" * 3 * RECORD_BYTES)
    return images


def test_all_disks_of_a_machine_get_the_same_counter(tmp_path: Path) -> None:
    guest = Guest("vm", blank_disks(tmp_path, 2))
    write_counter(guest, NOW)
    write_counter(guest, NOW)
    assert [read_record(image) for image in guest.images] == [CounterRecord(2, "vm", NOW)] * 2


def test_counter_goes_on_from_what_is_on_the_disk(tmp_path: Path) -> None:
    images = blank_disks(tmp_path, 1)
    write_counter(Guest("vm", images), NOW)
    write_counter(Guest("vm", images), NOW)
    record = read_record(images[0])
    assert record is not None
    assert record.counter == 2


def test_bytes_behind_the_record_are_never_touched(tmp_path: Path) -> None:
    (image,) = images = blank_disks(tmp_path, 1)
    image.write_bytes(b"\0" * RECORD_BYTES + b"mine")
    write_counter(Guest("vm", images), NOW)
    assert image.read_bytes()[RECORD_BYTES:] == b"mine"


def test_blank_disk_has_no_record(tmp_path: Path) -> None:
    assert read_record(blank_disks(tmp_path, 1)[0]) is None


def test_guest_without_disks_writes_nothing() -> None:
    write_counter(Guest("vm", ()), NOW)
