"""What one request can get wrong by itself, answered with INVALID_ARGUMENT."""

from lab.storage.csi.csi_pb2 import CreateSnapshotRequest, CreateVolumeRequest, ValidateVolumeCapabilitiesRequest
from lab.storage.errors import invalid

METADATA_PREFIX = "csi.storage.k8s.io/"
"""Parameters that the sidecars add themselves (--extra-create-metadata), for a person to read in metadata.json."""


def check_create_volume(request: CreateVolumeRequest) -> None:
    check_handle(request.name, "name")
    if not request.volume_capabilities:
        raise invalid("volume_capabilities is empty; name at least one")
    if request.volume_content_source.HasField("volume"):
        raise invalid("this driver does not clone volumes; restore from a VolumeSnapshot")
    if request.HasField("volume_content_source") and not request.volume_content_source.snapshot.snapshot_id:
        raise invalid("volume_content_source names no snapshot; set snapshot.snapshot_id")


def check_create_snapshot(request: CreateSnapshotRequest) -> None:
    check_handle(request.name, "name")
    check_handle(request.source_volume_id, "source_volume_id")
    unknown = sorted(name for name in request.parameters if not name.startswith(METADATA_PREFIX))
    if unknown:
        raise invalid(f"a VolumeSnapshotClass of this driver takes no parameters; remove {', '.join(unknown)}")


def check_validate_capabilities(request: ValidateVolumeCapabilitiesRequest) -> None:
    check_handle(request.volume_id, "volume_id")
    if not request.volume_capabilities:
        raise invalid("volume_capabilities is empty; name at least one")


def check_handle(value: str, field: str) -> None:
    if not value:
        raise invalid(f"{field} is empty; set it")
