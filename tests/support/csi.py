from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import grpc.aio
import pytest
from google.protobuf.message import Message

from lab.storage.csi import csi_pb2 as csi
from lab.storage.layout import snapshot_image, volume_image
from lab.storage.rpc import call
from lab.storage.server import serving

Reply = TypeVar("Reply", bound=Message)

MOUNTED = csi.VolumeCapability(
    mount=csi.VolumeCapability.MountVolume(),
    access_mode=csi.VolumeCapability.AccessMode(mode=csi.VolumeCapability.AccessMode.SINGLE_NODE_WRITER),
)


class TickingClock:
    """A second passes whenever somebody looks."""

    def __init__(self) -> None:
        self.now = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True, slots=True)
class DriverClient:
    """What the sidecars would send, over the driver's own socket."""

    channel: grpc.aio.Channel
    storage: Path

    async def send(self, method: str, request: Message, reply_type: type[Reply]) -> Reply:
        return await call(self.channel, f"/csi.v1.{method}", request, reply_type, timeout_seconds=10)

    async def create_volume(
        self, name: str, required: int = 0, limit: int = 0, snapshot: str = "", **parameters: str
    ) -> csi.Volume:
        request = csi.CreateVolumeRequest(
            name=name,
            capacity_range=csi.CapacityRange(required_bytes=required, limit_bytes=limit),
            volume_capabilities=[MOUNTED],
            parameters=parameters,
        )
        if snapshot:
            request.volume_content_source.snapshot.snapshot_id = snapshot
        return (await self.send("Controller/CreateVolume", request, csi.CreateVolumeResponse)).volume

    async def delete_volume(self, handle: str) -> None:
        request = csi.DeleteVolumeRequest(volume_id=handle)
        await self.send("Controller/DeleteVolume", request, csi.DeleteVolumeResponse)

    async def create_snapshot(self, name: str, volume: str) -> csi.Snapshot:
        request = csi.CreateSnapshotRequest(name=name, source_volume_id=volume)
        return (await self.send("Controller/CreateSnapshot", request, csi.CreateSnapshotResponse)).snapshot

    async def delete_snapshot(self, handle: str) -> None:
        request = csi.DeleteSnapshotRequest(snapshot_id=handle)
        await self.send("Controller/DeleteSnapshot", request, csi.DeleteSnapshotResponse)

    def volume(self, handle: str) -> Path:
        return volume_image(self.storage, handle)

    def snapshot(self, handle: str) -> Path:
        return snapshot_image(self.storage, handle)


@asynccontextmanager
async def running_driver(directory: Path) -> AsyncIterator[DriverClient]:
    endpoint = f"unix:{directory / 'csi.sock'}"
    storage = directory / "storage"
    async with serving(endpoint, storage, TickingClock()), grpc.aio.insecure_channel(endpoint) as channel:
        yield DriverClient(channel, storage)


@asynccontextmanager
async def answered_with(code: grpc.StatusCode) -> AsyncIterator[None]:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        yield
    assert refusal.value.code() is code


def left_behind(storage: Path) -> list[Path]:
    """Everything under the storage directory but its three fixed directories."""
    return sorted(path for path in storage.rglob("*") if path.parent != storage)
