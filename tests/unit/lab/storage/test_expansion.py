import grpc

from lab.storage.csi import csi_pb2 as csi
from tests.support.csi import DriverClient, answered_with

MIB = 1024**2


async def expand(driver: DriverClient, handle: str, required: int) -> int:
    request = csi.ControllerExpandVolumeRequest(
        volume_id=handle, capacity_range=csi.CapacityRange(required_bytes=required)
    )
    reply = await driver.send("Controller/ControllerExpandVolume", request, csi.ControllerExpandVolumeResponse)
    assert not reply.node_expansion_required
    return reply.capacity_bytes


async def test_expanded_volume_keeps_its_bytes_and_is_larger(driver: DriverClient) -> None:
    volume = await driver.create_volume("pvc-1", required=MIB)
    driver.volume(volume.volume_id).write_bytes(b"kept")
    assert await expand(driver, "pvc-1", 2 * MIB) == 2 * MIB
    image = driver.volume("pvc-1")
    assert (image.read_bytes()[:4], image.stat().st_size) == (b"kept", 2 * MIB)


async def test_expansion_can_be_repeated_and_never_shrinks(driver: DriverClient) -> None:
    await driver.create_volume("pvc-1", required=2 * MIB)
    assert await expand(driver, "pvc-1", MIB) == await expand(driver, "pvc-1", 2 * MIB) == 2 * MIB


async def test_snapshot_of_an_expanded_volume_has_its_size(driver: DriverClient) -> None:
    await driver.create_volume("pvc-1", required=MIB)
    await expand(driver, "pvc-1", 3 * MIB)
    assert (await driver.create_snapshot("snapshot-1", "pvc-1")).size_bytes == 3 * MIB


async def test_missing_volume_cannot_be_expanded(driver: DriverClient) -> None:
    async with answered_with(grpc.StatusCode.NOT_FOUND):
        await expand(driver, "pvc-1", MIB)
