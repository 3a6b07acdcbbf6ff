from collections.abc import Callable
from datetime import datetime

import grpc
import msgspec
from google.protobuf.message import Message

from lab.storage.behaviour import behaviour_of
from lab.storage.capacity import choose_capacity, is_in_range
from lab.storage.csi.csi_pb2 import (
    ControllerExpandVolumeRequest,
    ControllerExpandVolumeResponse,
    ControllerGetCapabilitiesRequest,
    ControllerGetCapabilitiesResponse,
    ControllerServiceCapability,
    CreateSnapshotRequest,
    CreateSnapshotResponse,
    CreateVolumeRequest,
    CreateVolumeResponse,
    DeleteSnapshotRequest,
    DeleteSnapshotResponse,
    DeleteVolumeRequest,
    DeleteVolumeResponse,
    ValidateVolumeCapabilitiesRequest,
    ValidateVolumeCapabilitiesResponse,
)
from lab.storage.errors import conflicting, not_found
from lab.storage.exclusive import Exclusive
from lab.storage.handles import could_be_ours, handle_for
from lab.storage.messages import snapshot_message, volume_message
from lab.storage.records import SnapshotRecord, VolumeRecord
from lab.storage.rpc import method
from lab.storage.simulation import Simulation
from lab.storage.store import DirectoryStore
from lab.storage.validation import (
    check_create_snapshot,
    check_create_volume,
    check_handle,
    check_validate_capabilities,
)

_RPC = ControllerServiceCapability.RPC


class Controller:
    """The csi.v1.Controller service, as far as csi-provisioner, csi-resizer and csi-snapshotter call it."""

    def __init__(self, store: DirectoryStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._simulation = Simulation()
        self._volumes = Exclusive()
        self._snapshots = Exclusive()

    def handlers(self) -> "grpc.GenericRpcHandler[Message, Message]":
        return grpc.method_handlers_generic_handler(
            "csi.v1.Controller",
            {
                "ControllerGetCapabilities": method(ControllerGetCapabilitiesRequest, self.capabilities),
                "ValidateVolumeCapabilities": method(ValidateVolumeCapabilitiesRequest, self.validate_capabilities),
                "CreateVolume": method(CreateVolumeRequest, self.create_volume),
                "DeleteVolume": method(DeleteVolumeRequest, self.delete_volume),
                "ControllerExpandVolume": method(ControllerExpandVolumeRequest, self.expand_volume),
                "CreateSnapshot": method(CreateSnapshotRequest, self.create_snapshot),
                "DeleteSnapshot": method(DeleteSnapshotRequest, self.delete_snapshot),
            },
        )

    async def capabilities(self, _: ControllerGetCapabilitiesRequest) -> ControllerGetCapabilitiesResponse:
        kinds = (_RPC.CREATE_DELETE_VOLUME, _RPC.EXPAND_VOLUME, _RPC.CREATE_DELETE_SNAPSHOT)
        return ControllerGetCapabilitiesResponse(
            capabilities=[ControllerServiceCapability(rpc=_RPC(type=kind)) for kind in kinds]
        )

    async def validate_capabilities(
        self, request: ValidateVolumeCapabilitiesRequest
    ) -> ValidateVolumeCapabilitiesResponse:
        check_validate_capabilities(request)
        if not could_be_ours(request.volume_id) or self._store.volume(request.volume_id) is None:
            raise not_found(f"volume {request.volume_id} does not exist")
        confirmed = ValidateVolumeCapabilitiesResponse.Confirmed(volume_capabilities=request.volume_capabilities)
        return ValidateVolumeCapabilitiesResponse(confirmed=confirmed)

    async def create_volume(self, request: CreateVolumeRequest) -> CreateVolumeResponse:
        check_create_volume(request)
        handle = handle_for(request.name)
        wanted = behaviour_of(request.parameters)

        async def before() -> None:
            if self._store.volume(handle) is None:
                await self._simulation.attempt(
                    f"create volume {handle}", seconds=wanted.create_seconds, failures=wanted.create_failures
                )

        record = await self._volumes.run(handle, lambda: self._ensure_volume(handle, request), before=before)
        return CreateVolumeResponse(volume=volume_message(handle, record))

    async def expand_volume(self, request: ControllerExpandVolumeRequest) -> ControllerExpandVolumeResponse:
        handle, wanted_bytes = request.volume_id, choose_capacity(request.capacity_range)
        record = self._volume(handle)
        wanted = behaviour_of(record.parameters)

        async def before() -> None:
            if self._volume(handle).capacity_bytes < wanted_bytes:
                await self._simulation.attempt(
                    f"expand volume {handle} to {wanted_bytes} bytes",
                    seconds=wanted.expand_seconds,
                    failures=wanted.expand_failures,
                )

        record = await self._volumes.run(handle, lambda: self._ensure_capacity(handle, wanted_bytes), before=before)
        return ControllerExpandVolumeResponse(capacity_bytes=record.capacity_bytes, node_expansion_required=False)

    async def delete_volume(self, request: DeleteVolumeRequest) -> DeleteVolumeResponse:
        check_handle(request.volume_id, "volume_id")
        if could_be_ours(request.volume_id):
            await self._volumes.run(request.volume_id, lambda: self._store.delete_volume(request.volume_id))
        return DeleteVolumeResponse()

    async def create_snapshot(self, request: CreateSnapshotRequest) -> CreateSnapshotResponse:
        check_create_snapshot(request)
        handle = handle_for(request.name)
        wanted = behaviour_of(self._volume(request.source_volume_id).parameters)

        async def before() -> None:
            if self._store.snapshot(handle) is None:
                await self._simulation.attempt(
                    f"create snapshot {handle}", seconds=wanted.snapshot_seconds, failures=wanted.snapshot_failures
                )

        record = await self._snapshots.run(
            handle, lambda: self._ensure_snapshot(handle, request, wanted.upload_seconds), before=before
        )
        return CreateSnapshotResponse(snapshot=snapshot_message(handle, record, self._clock()))

    async def delete_snapshot(self, request: DeleteSnapshotRequest) -> DeleteSnapshotResponse:
        check_handle(request.snapshot_id, "snapshot_id")
        if could_be_ours(request.snapshot_id):
            await self._snapshots.run(request.snapshot_id, lambda: self._store.delete_snapshot(request.snapshot_id))
        return DeleteSnapshotResponse()

    def _ensure_volume(self, handle: str, request: CreateVolumeRequest) -> VolumeRecord:
        source = request.volume_content_source.snapshot.snapshot_id
        existing = self._store.volume(handle)
        if existing is not None:
            if existing.source_snapshot != source or not is_in_range(existing.capacity_bytes, request.capacity_range):
                raise conflicting(f"volume {request.name} exists with another size or source; choose another name")
            return existing
        record = VolumeRecord(
            name=request.name,
            capacity_bytes=choose_capacity(request.capacity_range, self._size_of(source)),
            source_snapshot=source,
            parameters=dict(request.parameters),
        )
        self._store.create_volume(handle, record)
        return record

    def _volume(self, handle: str) -> VolumeRecord:
        check_handle(handle, "volume_id")
        volume = self._store.volume(handle) if could_be_ours(handle) else None
        if volume is None:
            raise not_found(f"volume {handle} does not exist")
        return volume

    def _ensure_capacity(self, handle: str, capacity_bytes: int) -> VolumeRecord:
        volume = self._volume(handle)
        if volume.capacity_bytes < capacity_bytes:
            volume = msgspec.structs.replace(volume, capacity_bytes=capacity_bytes)
            self._store.expand_volume(handle, volume)
        return volume

    def _size_of(self, snapshot_handle: str) -> int:
        if not snapshot_handle:
            return 0
        snapshot = self._store.snapshot(snapshot_handle) if could_be_ours(snapshot_handle) else None
        if snapshot is None:
            raise not_found(f"snapshot {snapshot_handle} does not exist")
        return snapshot.size_bytes

    def _ensure_snapshot(self, handle: str, request: CreateSnapshotRequest, upload_seconds: float) -> SnapshotRecord:
        existing = self._store.snapshot(handle)
        if existing is not None:
            if existing.source_volume != request.source_volume_id:
                raise conflicting(
                    f"snapshot {request.name} exists of volume {existing.source_volume}; choose another name"
                )
            return existing
        return self._store.create_snapshot(
            handle, request.name, request.source_volume_id, dict(request.parameters), upload_seconds
        )
