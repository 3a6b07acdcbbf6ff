"""Volumes and snapshots as directories. Synchronous: its caller decides where it may block."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from lab.storage.copying import copy_image
from lab.storage.errors import not_found
from lab.storage.layout import (
    IMAGE,
    snapshot_image,
    snapshots_directory,
    staging_directory,
    volume_image,
    volumes_directory,
)
from lab.storage.records import SnapshotRecord, VolumeRecord

_METADATA = "metadata.json"

Record = TypeVar("Record", VolumeRecord, SnapshotRecord)


class DirectoryStore:
    """Whatever is made or removed passes through `staging` with a rename, so a crash leaves only whole ones.

    That holds for a killed process; nothing is synced to the disk, as the lab does not outlive the machine.
    """

    def __init__(self, directory: Path, clock: Callable[[], datetime]) -> None:
        self._directory = directory
        self._staging = staging_directory(directory)
        self._clock = clock

    def open(self) -> None:
        """Make the directories, and remove what a killed driver left unfinished."""
        if self._staging.exists():
            shutil.rmtree(self._staging)
        for directory in (self._staging, volumes_directory(self._directory), snapshots_directory(self._directory)):
            directory.mkdir(parents=True, exist_ok=True)

    def volume(self, handle: str) -> VolumeRecord | None:
        return _read(volume_image(self._directory, handle).with_name(_METADATA), VolumeRecord)

    def snapshot(self, handle: str) -> SnapshotRecord | None:
        return _read(snapshot_image(self._directory, handle).with_name(_METADATA), SnapshotRecord)

    def create_volume(self, handle: str, record: VolumeRecord) -> None:
        def fill(image: Path) -> VolumeRecord:
            if record.source_snapshot:
                self._copy(snapshot_image(self._directory, record.source_snapshot), image, record.capacity_bytes)
            else:
                _make_empty(image, record.capacity_bytes)
            return record

        self._create(volume_image(self._directory, handle).parent, fill)

    def expand_volume(self, handle: str, record: VolumeRecord) -> None:
        """The record comes last, so that a crash between the two is made good by the sidecar's retry."""
        image = volume_image(self._directory, handle)
        with image.open("r+b") as file:
            file.truncate(record.capacity_bytes)
        written = self._staged(image.parent, "expanded")
        written.write_bytes(_document(record))
        written.rename(image.with_name(_METADATA))

    def create_snapshot(
        self, handle: str, name: str, source: str, parameters: dict[str, str], upload_seconds: float = 0.0
    ) -> SnapshotRecord:
        volume = self.volume(source)
        if volume is None:
            raise not_found(f"volume {source} does not exist")

        def fill(image: Path) -> SnapshotRecord:
            started = self._clock()
            self._copy(volume_image(self._directory, source), image, volume.capacity_bytes)
            finished = self._clock()
            return SnapshotRecord(
                name=name,
                source_volume=source,
                size_bytes=volume.capacity_bytes,
                copy_started=started,
                copy_finished=finished,
                ready_at=finished + timedelta(seconds=upload_seconds),
                parameters=parameters,
            )

        return self._create(snapshot_image(self._directory, handle).parent, fill)

    def delete_volume(self, handle: str) -> None:
        self._delete(volume_image(self._directory, handle).parent)

    def delete_snapshot(self, handle: str) -> None:
        self._delete(snapshot_image(self._directory, handle).parent)

    def _create(self, final: Path, fill: Callable[[Path], Record]) -> Record:
        staged = self._staged(final, "new")
        staged.mkdir()
        try:
            record = fill(staged / IMAGE)
            (staged / _METADATA).write_bytes(_document(record))
            staged.rename(final)
        except BaseException:
            shutil.rmtree(staged)
            raise
        return record

    def _delete(self, final: Path) -> None:
        removed = self._staged(final, "removed")
        try:
            final.rename(removed)
        except FileNotFoundError:
            return  # CSI: what does not exist is deleted
        shutil.rmtree(removed)

    def _staged(self, final: Path, purpose: str) -> Path:
        return self._staging / f"{purpose}-{final.parent.name}-{final.name}"

    def _copy(self, source: Path, target: Path, size_bytes: int) -> None:
        try:
            copy_image(source, target, size_bytes)
        except FileNotFoundError as error:
            raise not_found(f"{source.parent.name} no longer exists") from error


def _document(record: VolumeRecord | SnapshotRecord) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record))


def _make_empty(image: Path, size_bytes: int) -> None:
    with image.open("xb") as file:
        file.truncate(size_bytes)


def _read(path: Path, kind: type[Record]) -> Record | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
