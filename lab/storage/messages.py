from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from lab.storage.csi.csi_pb2 import Snapshot, Volume, VolumeContentSource
from lab.storage.records import SnapshotRecord, VolumeRecord


def volume_message(handle: str, record: VolumeRecord) -> Volume:
    volume = Volume(volume_id=handle, capacity_bytes=record.capacity_bytes)
    if record.source_snapshot:
        # Without it csi-provisioner takes the restore for failed and deletes the volume (controller.go, Provision).
        source = VolumeContentSource.SnapshotSource(snapshot_id=record.source_snapshot)
        volume.content_source.CopyFrom(VolumeContentSource(snapshot=source))
    return volume


def snapshot_message(handle: str, record: SnapshotRecord, now: datetime) -> Snapshot:
    cut = Timestamp()
    cut.FromDatetime(record.copy_finished)
    return Snapshot(
        snapshot_id=handle,
        source_volume_id=record.source_volume,
        size_bytes=record.size_bytes,
        creation_time=cut,
        ready_to_use=record.ready_at <= now,
    )
