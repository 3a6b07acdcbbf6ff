from pathlib import Path

from lab.storage import DRIVER_NAME
from lab.storage.csi import csi_pb2 as csi
from lab.storage.readiness import driver_is_ready
from tests.support.csi import DriverClient, running_driver


async def test_driver_gives_its_name(driver: DriverClient) -> None:
    reply = await driver.send("Identity/GetPluginInfo", csi.GetPluginInfoRequest(), csi.GetPluginInfoResponse)
    assert reply.name == DRIVER_NAME


async def test_driver_offers_a_controller_and_no_topology(driver: DriverClient) -> None:
    reply = await driver.send(
        "Identity/GetPluginCapabilities", csi.GetPluginCapabilitiesRequest(), csi.GetPluginCapabilitiesResponse
    )
    kinds = {each.service.type for each in reply.capabilities if each.HasField("service")}
    assert kinds == {csi.PluginCapability.Service.CONTROLLER_SERVICE}


async def test_driver_expands_volumes_in_use(driver: DriverClient) -> None:
    reply = await driver.send(
        "Identity/GetPluginCapabilities", csi.GetPluginCapabilitiesRequest(), csi.GetPluginCapabilitiesResponse
    )
    kinds = {each.volume_expansion.type for each in reply.capabilities if each.HasField("volume_expansion")}
    assert kinds == {csi.PluginCapability.VolumeExpansion.ONLINE}


async def test_controller_offers_volumes_and_snapshots(driver: DriverClient) -> None:
    reply = await driver.send(
        "Controller/ControllerGetCapabilities",
        csi.ControllerGetCapabilitiesRequest(),
        csi.ControllerGetCapabilitiesResponse,
    )
    rpc = csi.ControllerServiceCapability.RPC
    kinds = {capability.rpc.type for capability in reply.capabilities}
    assert kinds == {rpc.CREATE_DELETE_VOLUME, rpc.EXPAND_VOLUME, rpc.CREATE_DELETE_SNAPSHOT}


async def test_running_driver_is_ready(tmp_path: Path) -> None:
    async with running_driver(tmp_path):
        assert await driver_is_ready(f"unix:{tmp_path / 'csi.sock'}")


async def test_absent_driver_is_not_ready(tmp_path: Path) -> None:
    assert not await driver_is_ready(f"unix:{tmp_path / 'csi.sock'}")
