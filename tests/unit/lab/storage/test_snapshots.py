import os
from datetime import UTC, datetime
from pathlib import Path

import grpc
import msgspec

from lab.storage.records import SnapshotRecord
from tests.support.csi import DriverClient, answered_with, left_behind

MIB = 1024**2


async def test_snapshot_keeps_the_bytes_of_its_moment(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=MIB)
    write(driver.volume(volume.volume_id), b"before", at=4096)
    snapshot = await driver.create_snapshot("snapshot-1", volume.volume_id)
    write(driver.volume(volume.volume_id), b"after!", at=4096)
    assert read(driver.snapshot(snapshot.snapshot_id), 6, at=4096) == b"before"


async def test_snapshot_says_what_it_is(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=MIB)
    snapshot = await driver.create_snapshot("snapshot-1", volume.volume_id)
    assert snapshot.ready_to_use
    assert (snapshot.source_volume_id, snapshot.size_bytes) == (volume.volume_id, MIB)


async def test_creation_time_is_the_end_of_the_copy(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=MIB)
    snapshot = await driver.create_snapshot("snapshot-1", volume.volume_id)
    metadata = driver.snapshot(snapshot.snapshot_id).with_name("metadata.json").read_bytes()
    record = msgspec.json.decode(metadata, type=SnapshotRecord)
    assert snapshot.creation_time.ToDatetime(UTC) == record.copy_finished == datetime(2030, 1, 1, 0, 0, 2, tzinfo=UTC)
    assert record.copy_started == datetime(2030, 1, 1, 0, 0, 1, tzinfo=UTC)


async def test_repeated_snapshot_keeps_its_bytes_and_creation_time(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=MIB)
    first = await driver.create_snapshot("snapshot-1", volume.volume_id)
    write(driver.volume(volume.volume_id), b"later", at=0)
    assert await driver.create_snapshot("snapshot-1", volume.volume_id) == first
    assert read(driver.snapshot(first.snapshot_id), 5, at=0) == bytes(5)


async def test_holes_stay_holes(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=1024 * MIB)
    write(driver.volume(volume.volume_id), b"x" * 8192, at=512 * MIB)
    snapshot = await driver.create_snapshot("snapshot-1", volume.volume_id)
    image = driver.snapshot(snapshot.snapshot_id)
    assert image.stat().st_size == 1024 * MIB
    assert image.stat().st_blocks * 512 < MIB
    assert read(image, 8192, at=512 * MIB) == b"x" * 8192


async def test_restored_volume_has_the_bytes_of_the_snapshot(driver: DriverClient) -> None:
    snapshot = await snapshot_with_text(driver, b"saved")
    restored = await driver.create_volume("pvc-2", required=MIB, snapshot=snapshot)
    assert read(driver.volume(restored.volume_id), 5, at=0) == b"saved"


async def test_restored_volume_names_its_snapshot(driver: DriverClient) -> None:
    snapshot = await snapshot_with_text(driver, b"saved")
    restored = await driver.create_volume("pvc-2", snapshot=snapshot)
    assert restored.content_source.snapshot.snapshot_id == snapshot


async def test_restored_volume_may_be_larger(driver: DriverClient) -> None:
    snapshot = await snapshot_with_text(driver, b"saved")
    restored = await driver.create_volume("pvc-2", required=3 * MIB, snapshot=snapshot)
    assert driver.volume(restored.volume_id).stat().st_size == 3 * MIB


async def test_volume_smaller_than_its_snapshot_is_out_of_range(driver: DriverClient) -> None:
    snapshot = await snapshot_with_text(driver, b"saved")
    async with answered_with(grpc.StatusCode.OUT_OF_RANGE):
        await driver.create_volume("pvc-2", required=MIB - 1, snapshot=snapshot)


async def test_limit_below_the_snapshot_is_out_of_range(driver: DriverClient) -> None:
    snapshot = await snapshot_with_text(driver, b"saved")
    async with answered_with(grpc.StatusCode.OUT_OF_RANGE):
        await driver.create_volume("pvc-2", limit=MIB - 1, snapshot=snapshot)


async def test_existing_volume_from_another_source_is_a_conflict(driver: DriverClient) -> None:
    snapshot = await snapshot_with_text(driver, b"saved")
    async with answered_with(grpc.StatusCode.ALREADY_EXISTS):
        await driver.create_volume("pvc-1", required=MIB, snapshot=snapshot)


async def test_snapshot_outlives_its_volume(driver: DriverClient) -> None:
    snapshot = await snapshot_with_text(driver, b"saved")
    await driver.delete_volume("pvc-1")
    restored = await driver.create_volume("pvc-2", snapshot=snapshot)
    assert read(driver.volume(restored.volume_id), 5, at=0) == b"saved"


async def test_snapshot_of_a_missing_volume_is_not_found(driver: DriverClient) -> None:
    async with answered_with(grpc.StatusCode.NOT_FOUND):
        await driver.create_snapshot("snapshot-1", "pvc-1")
    assert left_behind(driver.storage) == []


async def test_restore_of_a_missing_snapshot_is_not_found(driver: DriverClient) -> None:
    async with answered_with(grpc.StatusCode.NOT_FOUND):
        await driver.create_volume("pvc-2", snapshot="snapshot-1")


async def test_existing_snapshot_of_another_volume_is_a_conflict(driver: DriverClient) -> None:
    await snapshot_with_text(driver, b"saved")
    await driver.create_volume("pvc-2", required=MIB)
    async with answered_with(grpc.StatusCode.ALREADY_EXISTS):
        await driver.create_snapshot("snapshot-1", "pvc-2")


async def test_snapshot_without_a_source_is_an_invalid_argument(driver: DriverClient) -> None:
    async with answered_with(grpc.StatusCode.INVALID_ARGUMENT):
        await driver.create_snapshot("snapshot-1", "")


async def test_deleted_snapshot_leaves_only_the_volume(driver: DriverClient) -> None:
    snapshot = await snapshot_with_text(driver, b"saved")
    await driver.delete_snapshot(snapshot)
    await driver.delete_snapshot(snapshot)
    await driver.delete_volume("pvc-1")
    assert left_behind(driver.storage) == []


async def snapshot_with_text(driver: DriverClient, text: bytes) -> str:
    volume = await driver.create_volume("pvc-1", required=MIB)
    write(driver.volume(volume.volume_id), text, at=0)
    return (await driver.create_snapshot("snapshot-1", volume.volume_id)).snapshot_id


def write(image: Path, data: bytes, at: int) -> None:
    descriptor = os.open(image, os.O_WRONLY)
    try:
        os.pwrite(descriptor, data, at)
    finally:
        os.close(descriptor)


def read(image: Path, count: int, at: int) -> bytes:
    with image.open("rb") as file:
        file.seek(at)
        return file.read(count)
