import asyncio

import grpc
import pytest

from lab.storage.capacity import DEFAULT_CAPACITY_BYTES
from lab.storage.csi import csi_pb2 as csi
from tests.support.csi import MOUNTED, DriverClient, answered_with, left_behind

MIB = 1024**2


async def test_new_volume_is_an_empty_sparse_file_of_its_capacity(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=64 * MIB)
    status = driver.volume(volume.volume_id).stat()
    assert (volume.capacity_bytes, status.st_size, status.st_blocks) == (64 * MIB, 64 * MIB, 0)


async def test_repeated_creation_returns_the_same_volume(driver: DriverClient) -> None:
    first = await driver.create_volume("pvc-1", required=MIB)
    driver.volume(first.volume_id).write_bytes(b"kept")
    assert await driver.create_volume("pvc-1", required=MIB) == first
    assert driver.volume(first.volume_id).read_bytes() == b"kept"


async def test_simultaneous_requests_for_one_name_make_one_volume(driver: DriverClient) -> None:
    volumes = await asyncio.gather(*(driver.create_volume("pvc-1", required=MIB) for _ in range(8)))
    assert {volume.volume_id for volume in volumes} == {"pvc-1"}


@pytest.mark.parametrize(
    ("required", "limit", "capacity"),
    [(0, 0, DEFAULT_CAPACITY_BYTES), (0, 5, 5), (7, 0, 7), (7, 9, 7)],
)
async def test_capacity_follows_the_range(driver: DriverClient, required: int, limit: int, capacity: int) -> None:
    assert (await driver.create_volume("pvc-1", required, limit)).capacity_bytes == capacity


async def test_existing_volume_of_another_size_is_a_conflict(driver: DriverClient) -> None:
    await driver.create_volume("pvc-1", required=MIB)
    async with answered_with(grpc.StatusCode.ALREADY_EXISTS):
        await driver.create_volume("pvc-1", required=2 * MIB)


async def test_limit_below_the_required_size_is_out_of_range(driver: DriverClient) -> None:
    async with answered_with(grpc.StatusCode.OUT_OF_RANGE):
        await driver.create_volume("pvc-1", required=2, limit=1)


@pytest.mark.parametrize(
    "request_",
    [
        csi.CreateVolumeRequest(volume_capabilities=[MOUNTED]),
        csi.CreateVolumeRequest(name="pvc-1"),
        csi.CreateVolumeRequest(
            name="pvc-1", volume_capabilities=[MOUNTED], capacity_range=csi.CapacityRange(required_bytes=-1)
        ),
        csi.CreateVolumeRequest(
            name="pvc-1", volume_capabilities=[MOUNTED], volume_content_source=csi.VolumeContentSource()
        ),
        csi.CreateVolumeRequest(
            name="pvc-1",
            volume_capabilities=[MOUNTED],
            volume_content_source=csi.VolumeContentSource(volume=csi.VolumeContentSource.VolumeSource(volume_id="v")),
        ),
        csi.CreateVolumeRequest(name="pvc-1", volume_capabilities=[MOUNTED], parameters={"tier": "gold"}),
    ],
    ids=["no name", "no capability", "negative size", "empty source", "clone", "unknown parameter"],
)
async def test_malformed_request_is_an_invalid_argument(
    driver: DriverClient, request_: csi.CreateVolumeRequest
) -> None:
    async with answered_with(grpc.StatusCode.INVALID_ARGUMENT):
        await driver.send("Controller/CreateVolume", request_, csi.CreateVolumeResponse)


async def test_deleted_volume_leaves_nothing(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=MIB)
    await driver.delete_volume(volume.volume_id)
    assert left_behind(driver.storage) == []


async def test_deletion_can_be_repeated(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=MIB)
    await driver.delete_volume(volume.volume_id)
    await driver.delete_volume(volume.volume_id)


async def test_deletion_does_not_follow_a_path_out_of_the_storage(driver: DriverClient) -> None:
    outside = driver.storage.parent / "outside"
    outside.mkdir()
    await driver.delete_volume("../../outside")
    assert outside.exists()


@pytest.mark.parametrize("name", ["a/b", "..", "sha256-", "ключ", "n" * 128])
async def test_any_name_gets_a_handle_within_the_storage(driver: DriverClient, name: str) -> None:
    volume = await driver.create_volume(name, required=1)
    assert list((driver.storage / "volumes").iterdir()) == [driver.storage / "volumes" / volume.volume_id]


async def test_capabilities_of_an_existing_volume_are_confirmed(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=1)
    request = csi.ValidateVolumeCapabilitiesRequest(volume_id=volume.volume_id, volume_capabilities=[MOUNTED])
    reply = await driver.send("Controller/ValidateVolumeCapabilities", request, csi.ValidateVolumeCapabilitiesResponse)
    assert list(reply.confirmed.volume_capabilities) == [MOUNTED]


async def test_capabilities_of_a_missing_volume_are_not_found(driver: DriverClient) -> None:
    request = csi.ValidateVolumeCapabilitiesRequest(volume_id="pvc-1", volume_capabilities=[MOUNTED])
    async with answered_with(grpc.StatusCode.NOT_FOUND):
        await driver.send("Controller/ValidateVolumeCapabilities", request, csi.ValidateVolumeCapabilitiesResponse)
