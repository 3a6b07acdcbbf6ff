"""Where the bytes of a handle are. `storage` is the directory the driver was given: `storage_directory` of a lab."""

from pathlib import Path

IMAGE = "disk.img"


def storage_directory(state: Path) -> Path:
    """Where a lab whose files are in `state` keeps its volumes and snapshots."""
    return state / "storage"


def volumes_directory(storage: Path) -> Path:
    return storage / "volumes"


def snapshots_directory(storage: Path) -> Path:
    return storage / "snapshots"


def staging_directory(storage: Path) -> Path:
    """Holds what is being made or removed, so that the two others only ever hold what is complete."""
    return storage / "staging"


def volume_image(storage: Path, handle: str) -> Path:
    """The file behind a PersistentVolume; its handle is `spec.csi.volumeHandle`."""
    return volumes_directory(storage) / handle / IMAGE


def snapshot_image(storage: Path, handle: str) -> Path:
    """The file behind a VolumeSnapshotContent; its handle is `status.snapshotHandle`."""
    return snapshots_directory(storage) / handle / IMAGE
