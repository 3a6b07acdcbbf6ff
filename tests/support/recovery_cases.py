"""What is found about a disk that is made of a snapshot, and about one that is changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.support import manifests
from tests.support.cases import DATA, MACHINE, Arrange, Case
from tests.support.manifests import DRIVER, Json, owner_reference
from tests.support.requests import create, update
from tests.support.source_manifests import PAGE_DISK, PAGE_SNAPSHOT, disk_from
from tests.support.world import World
from webhook.api.storage import STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_disk_snapshot import Phase as SnapshotPhase
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.vocabulary import LEGACY_STORAGE_CLASS_NAME, RETAINED_VOLUME
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT
from webhook.facts.request import Request

OTHER: Final = "slow.example.com"
VOLUME: Final = f"data-of-{PAGE_SNAPSHOT}"


@dataclass(frozen=True, slots=True)
class RecoveryCase(Case):
    """Someone applies the page's manifest, or one that differs from it as `described` says."""

    described: Json = field(default_factory=dict)

    @property
    def request(self) -> Request:
        return create(VIRTUAL_DISK, disk_from(**self.described))


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUpdateCase(Case):
    before: Json
    after: Json

    @property
    def request(self) -> Request:
        return update(VIRTUAL_DISK, before=self.before, after=self.after)


def captured(**data: Any) -> Arrange:
    return lambda world: world.captured(PAGE_SNAPSHOT, of=PAGE_DISK, **data)


def another_class(name: str, *, provisioner: str) -> Arrange:
    return lambda world: captured()(world).storage_class(name, provisioner=provisioner)


def taken_elsewhere(world: World) -> World:
    """By the platform, before it wrote its annotations with a prefix."""
    captured(storage_class="", original_size="")(world)
    annotations = {LEGACY_STORAGE_CLASS_NAME: DRIVER}
    return world.change(VOLUME_SNAPSHOT, VOLUME, metadata={"annotations": annotations}).storage_class(
        "thin", provisioner=DRIVER
    )


def without_class(world: World) -> World:
    return captured()(world).remove(STORAGE_CLASS, DRIVER)


def in_phase(phase: str) -> Arrange:
    return lambda world: world.disk_snapshot(PAGE_SNAPSHOT, of=PAGE_DISK, phase=phase).storage_class(DRIVER)


RECOVERY_CASES: Final = (
    RecoveryCase("the page's manifest", captured()),
    RecoveryCase("snapshot missing", lambda world: world.storage_class(DRIVER), ("SnapshotNotFound",)),
    RecoveryCase(
        "snapshot in another namespace only",
        lambda world: captured()(world.elsewhere("other")).elsewhere("default"),
        ("SnapshotNotFound",),
    ),
    RecoveryCase("snapshot and class missing", lambda world: world, ("SnapshotNotFound", "StorageClassMissing")),
    *(
        RecoveryCase(
            f"snapshot {phase or 'just created'}",
            in_phase(phase),
            ("SnapshotNotReady",),
        )
        for phase in ("", SnapshotPhase.PENDING, SnapshotPhase.IN_PROGRESS)
    ),
    RecoveryCase(
        "snapshot Failed",
        lambda world: world.disk_snapshot(PAGE_SNAPSHOT, of=PAGE_DISK, phase="Failed").storage_class(DRIVER),
        ("SnapshotFailed",),
    ),
    RecoveryCase(
        "snapshot that is being deleted",
        lambda world: captured()(world).change(
            VIRTUAL_DISK_SNAPSHOT, PAGE_SNAPSHOT, metadata={"deletionTimestamp": manifests.MOMENT}
        ),
        ("SnapshotFailed",),
    ),
    RecoveryCase(
        "snapshot that is being deleted, and waits for the disk",
        lambda world: (
            captured()(world)
            .change(
                VIRTUAL_DISK_SNAPSHOT,
                PAGE_SNAPSHOT,
                metadata={"deletionTimestamp": manifests.MOMENT},
                status={"phase": "Terminating"},
            )
            .put(VIRTUAL_DISK, disk_from())
        ),
    ),
    RecoveryCase(
        "data gone", lambda world: captured()(world).remove(VOLUME_SNAPSHOT, VOLUME), ("SnapshotDataMissing",)
    ),
    RecoveryCase("data going", captured(deleting=True), ("SnapshotDataMissing",)),
    RecoveryCase("data not usable any more", captured(ready=False), ("SnapshotDataMissing",)),
    RecoveryCase("data of another snapshot", captured(owner_uid="another"), ("SnapshotDataMissing",)),
    RecoveryCase("snapshot not consistent", captured(consistent=False), ("SnapshotInconsistent",)),
    RecoveryCase("larger", captured(), described={"size": "20Gi"}),
    RecoveryCase("same size in another unit", captured(), described={"size": "10240Mi"}),
    RecoveryCase("same size as a number", captured(), described={"size": 10 * 1024**3}),
    RecoveryCase("no size", captured(), described={"size": None}),
    RecoveryCase("smaller", captured(), ("DiskSmallerThanSnapshot",), described={"size": "5Gi"}),
    RecoveryCase("smaller by a byte", captured(), ("DiskSmallerThanSnapshot",), described={"size": 10 * 1024**3 - 1}),
    RecoveryCase("size of nothing", captured(), ("DiskSmallerThanSnapshot",), described={"size": "0"}),
    RecoveryCase("as large as the original, which the driver rounded up", captured(restore_size="10241Mi")),
    RecoveryCase(
        "smaller than what the driver needs, size of the original unknown",
        captured(original_size=""),
        ("DiskSmallerThanSnapshot",),
        described={"size": "9Gi"},
    ),
    RecoveryCase("nothing known of its size", captured(original_size="", restore_size=""), described={"size": "1Gi"}),
    RecoveryCase("no class", captured(), described={"storage_class": None}),
    RecoveryCase(
        "another class of the same driver",
        another_class("thin", provisioner=DRIVER),
        ("StorageClassDiffers",),
        described={"storage_class": "thin"},
    ),
    RecoveryCase(
        "class of another driver",
        another_class("slow", provisioner=OTHER),
        ("StorageDriverDiffers",),
        described={"storage_class": "slow"},
    ),
    RecoveryCase("class missing", captured(), ("StorageClassMissing",), described={"storage_class": "gone"}),
    RecoveryCase(
        "class of the original gone, none named",
        without_class,
        ("StorageClassMissing",),
        described={"storage_class": None},
    ),
    RecoveryCase(
        "class of the original gone, another named",
        lambda world: without_class(world).storage_class("thin", provisioner=DRIVER),
        ("StorageClassDiffers",),
        described={"storage_class": "thin"},
    ),
    RecoveryCase(
        "class of the original made anew with another driver",
        lambda world: captured()(world).storage_class(DRIVER, provisioner=OTHER),
        ("StorageDriverDiffers",),
        described={"storage_class": None},
    ),
    RecoveryCase(
        "driver of the snapshot known from the class of the original only",
        lambda world: captured(snapshot_class="")(world).storage_class("slow", provisioner=OTHER),
        ("StorageDriverDiffers",),
        described={"storage_class": "slow"},
    ),
    RecoveryCase(
        "driver of the snapshot unknown",
        lambda world: captured(snapshot_class="", storage_class="")(world).storage_class("slow", provisioner=OTHER),
        described={"storage_class": "slow"},
    ),
    RecoveryCase(
        "taken by an old version of the platform",
        taken_elsewhere,
        ("StorageClassDiffers",),
        described={"storage_class": "thin"},
    ),
    RecoveryCase(
        "everything wrong at once",
        lambda world: another_class("slow", provisioner=OTHER)(captured(consistent=False)(world)).change(
            VIRTUAL_DISK_SNAPSHOT, PAGE_SNAPSHOT, status={"consistent": None}
        ),
        ("SnapshotInconsistent", "DiskSmallerThanSnapshot", "StorageDriverDiffers"),
        described={"storage_class": "slow", "size": "1Gi"},
    ),
    RecoveryCase(
        "put back on a volume it had before",
        lambda world: world,
        described={"annotations": {RETAINED_VOLUME: "pv-1"}},
    ),
)


def _present(phase: str, *, snapshot: str = "", size: str = "10Gi", **described: Any) -> Json:
    return manifests.disk(PAGE_DISK, phase=phase, size=size, snapshot=snapshot, **described)


def _changed(name: str, arrange: Arrange, before: Json, spec: Json, codes: tuple[str, ...] = ()) -> DiskUpdateCase:
    after = before | {"spec": before["spec"] | spec}
    return DiskUpdateCase(name, arrange, codes, before=before, after=after)


def _size(size: str) -> Json:
    return {"persistentVolumeClaim": {"size": size, "storageClassName": DRIVER}}


_FROM_SNAPSHOT: Final = disk_from()["spec"]
_HTTP: Final = {"dataSource": {"type": "HTTP", "http": {"url": "https://example.com/a.img"}}}
_ANOTHER_HTTP: Final = {"dataSource": {"type": "HTTP", "http": {"url": "https://example.com/b.img"}}}
_HAS_DATA: Final = (
    DiskPhase.READY,
    DiskPhase.RESIZING,
    DiskPhase.PVC_LOST,
    DiskPhase.EXPORTING,
    DiskPhase.MIGRATING,
)
_REFUSED: Final = ("DiskSourceImmutable",)
_SNAPSHOTTED: Final = ("DiskBeingSnapshotted",)


def nothing(world: World) -> World:
    return world


def snapshotted(phase: str) -> Arrange:
    return lambda world: world.disk_snapshot("nightly", of=PAGE_DISK, phase=phase)


def machine_snapshotted(phase: str, machine_phase: str = "Running") -> Arrange:
    return lambda world: world.machine(MACHINE, disks=[PAGE_DISK], phase=machine_phase).machine_snapshot(
        "before-upgrade", of=MACHINE, phase=phase
    )


def machine_snapshotted_with_parts(world: World) -> World:
    machine_snapshotted("InProgress")(world).disk_snapshot("part", of=PAGE_DISK, phase="InProgress")
    owner = owner_reference(VIRTUAL_MACHINE_SNAPSHOT, "before-upgrade")
    return world.change(VIRTUAL_DISK_SNAPSHOT, "part", metadata={"ownerReferences": [owner]})


DISK_UPDATE_CASES: Final = (
    *(
        _changed(
            f"the page's manifest over a disk that is {phase}", captured(), _present(phase), _FROM_SNAPSHOT, _REFUSED
        )
        for phase in _HAS_DATA
    ),
    *(
        _changed(f"another snapshot while {phase}", nothing, _present(phase, snapshot="old"), _FROM_SNAPSHOT, _REFUSED)
        for phase in (DiskPhase.PROVISIONING, DiskPhase.WAIT_FOR_FIRST_CONSUMER)
    ),
    _changed("another snapshot while Pending", captured(), _present("Pending", snapshot="old"), _FROM_SNAPSHOT),
    _changed("another snapshot after the first Failed", captured(), _present("Failed", snapshot="old"), _FROM_SNAPSHOT),
    _changed(
        "a snapshot that is not there, while Pending",
        lambda world: world.storage_class(DRIVER),
        _present("Pending", snapshot="old"),
        _FROM_SNAPSHOT,
        ("SnapshotNotFound",),
    ),
    _changed("another download while Ready", nothing, _present("Ready") | {"spec": _HTTP}, _ANOTHER_HTTP, _REFUSED),
    _changed("another download while Provisioning", nothing, _present("Provisioning") | {"spec": _HTTP}, _ANOTHER_HTTP),
    _changed("same source again", nothing, _present("Ready", snapshot=PAGE_SNAPSHOT), _FROM_SNAPSHOT),
    _changed("larger", nothing, _present("Ready"), _size("20Gi")),
    _changed(
        "larger, and its snapshot is long gone", nothing, _present("Ready", snapshot=PAGE_SNAPSHOT), _size("20Gi")
    ),
    _changed(
        "smaller than the snapshot while Pending",
        captured(),
        _present("Pending", snapshot=PAGE_SNAPSHOT),
        _size("5Gi"),
        ("DiskSmallerThanSnapshot",),
    ),
    *(
        _changed(
            f"larger while a snapshot is {phase or 'new'}", snapshotted(phase), _present("Ready"), _size("20Gi"), codes
        )
        for phase, codes in (
            ("", _SNAPSHOTTED),
            ("Pending", _SNAPSHOTTED),
            ("InProgress", _SNAPSHOTTED),
            ("Ready", ()),
            ("Failed", ()),
            ("Terminating", ()),
        )
    ),
    _changed(
        "same size in another unit while a snapshot runs",
        snapshotted("InProgress"),
        _present("Ready"),
        _size("10240Mi"),
    ),
    _changed(
        "larger while its machine's snapshot runs",
        machine_snapshotted("InProgress"),
        _present("Ready"),
        _size("20Gi"),
        _SNAPSHOTTED,
    ),
    _changed(
        "larger while the snapshot of its stopped machine runs",
        machine_snapshotted("InProgress", "Stopped"),
        _present("Ready", users=[MACHINE]),
        _size("20Gi"),
        _SNAPSHOTTED,
    ),
    _changed(
        "larger while its machine's snapshot takes its disks",
        machine_snapshotted_with_parts,
        _present("Ready"),
        _size("20Gi"),
        _SNAPSHOTTED,
    ),
    _changed("larger, snapshot of its machine Ready", machine_snapshotted("Ready"), _present("Ready"), _size("20Gi")),
    _changed(
        "larger while another disk's snapshot runs",
        lambda world: world.disk_snapshot("nightly", of=DATA, phase="InProgress"),
        _present("Ready"),
        _size("20Gi"),
    ),
    _changed(
        "both while a snapshot runs",
        snapshotted("InProgress"),
        _present("Ready"),
        _FROM_SNAPSHOT | _size("20Gi"),
        (*_REFUSED, *_SNAPSHOTTED),
    ),
    DiskUpdateCase(
        "deleting",
        nothing,
        before=_present("Ready", deleting=True),
        after=_present("Ready", deleting=True, snapshot=PAGE_SNAPSHOT),
    ),
)
