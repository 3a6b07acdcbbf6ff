"""What is found about an export of data, and about a hand on the content of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.support import source_manifests
from tests.support.cases import MACHINE, ROOT, Arrange, Case
from tests.support.manifests import Json, owner_reference
from tests.support.requests import create, delete, update
from tests.support.world import World
from webhook.api.data_export import DATA_EXPORT, LEGACY_DATA_EXPORT
from webhook.api.kind import Kind
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.request import Operation, Request

SNAPSHOT: Final = "before-upgrade"
CONTENT: Final = "d8v-vms-before-upgrade"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCase(Case):
    target: str = "VirtualDisk"
    kind: Kind[Any] = DATA_EXPORT

    @property
    def request(self) -> Request:
        return create(self.kind, source_manifests.data_export(self.target, ROOT))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentCase(Case):
    operation: Operation
    secret: Json

    @property
    def request(self) -> Request:
        match self.operation:
            case Operation.CREATE:
                return create(SECRET, self.secret)
            case Operation.UPDATE:
                return update(SECRET, before=self.secret, after=self.secret | {"data": {"vm": "e30K"}})
            case _:
                return delete(SECRET, self.secret)


def attached(phase: str = "Running", **described: Any) -> Arrange:
    return lambda world: world.disk(ROOT, **described).machine(MACHINE, disks=[ROOT], phase=phase)


def claimed(world: World) -> World:
    """The claim says whose it is."""
    owners = {"ownerReferences": [owner_reference(VIRTUAL_DISK, ROOT)]}
    return attached()(world).change(PERSISTENT_VOLUME_CLAIM, ROOT, metadata=owners)


_IN_USE: Final = ("ExportTargetInUse",)

EXPORT_CASES: Final = (
    ExportCase("detached", lambda world: world.disk(ROOT)),
    ExportCase("missing", lambda world: world),
    ExportCase("machine running", attached(), _IN_USE),
    ExportCase("machine running, legacy group", attached(), _IN_USE, kind=LEGACY_DATA_EXPORT),
    ExportCase("machine stopped", attached("Stopped", users=[MACHINE])),
    ExportCase("machine starting", attached("Starting"), _IN_USE),
    ExportCase("only hot-plugged", lambda world: world.disk(ROOT).machine(MACHINE, hotplugged=[ROOT]), _IN_USE),
    ExportCase("machine that is gone", lambda world: world.disk(ROOT, users=["gone"]), _IN_USE),
    ExportCase(
        "two machines",
        lambda world: world.disk(ROOT).machine("a", disks=[ROOT]).machine("b", disks=[ROOT]),
        _IN_USE * 2,
    ),
    ExportCase("a snapshot of the name of a disk in use", attached(), target="VirtualDiskSnapshot"),
    ExportCase("a claim of a disk in use", claimed, _IN_USE, target="PersistentVolumeClaim"),
    ExportCase("a claim of no disk", lambda world: world.claim(ROOT), target="PersistentVolumeClaim"),
    ExportCase("a claim that is missing", lambda world: world, target="PersistentVolumeClaim"),
    ExportCase("a kind that nobody knows", attached(), target="Pod"),
)


def owner(uid: str | None = None) -> Json:
    return owner_reference(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT, uid=uid)


def snapshot(world: World) -> World:
    return world.machine_snapshot(SNAPSHOT, of=MACHINE, phase="Ready", virtualMachineSnapshotSecretName=CONTENT)


def snapshot_under_way(world: World) -> World:
    return world.machine_snapshot(SNAPSHOT, of=MACHINE, phase="InProgress")


_OWNED: Final = source_manifests.secret(CONTENT, type_=SNAPSHOT_SECRET_TYPE, owners=[owner()])
_DISOWNED: Final = source_manifests.secret(CONTENT, type_=SNAPSHOT_SECRET_TYPE)
_OF_ANOTHER: Final = source_manifests.secret(CONTENT, type_=SNAPSHOT_SECRET_TYPE, owners=[owner("another")])
_OPAQUE: Final = source_manifests.secret(CONTENT, type_="Opaque", owners=[owner()])
_PROTECTED: Final = ("SnapshotContentProtected",)

CONTENT_CASES: Final = (
    *(
        ContentCase(f"content {operation.lower()}", snapshot, _PROTECTED, operation=operation, secret=_OWNED)
        for operation in Operation
    ),
    *(
        ContentCase(f"another Secret {operation.lower()}", snapshot, operation=operation, secret=_OPAQUE)
        for operation in Operation
    ),
    ContentCase("forged, no snapshot", lambda world: world, _PROTECTED, operation=Operation.CREATE, secret=_DISOWNED),
    ContentCase("changed, no snapshot", lambda world: world, _PROTECTED, operation=Operation.UPDATE, secret=_DISOWNED),
    ContentCase("deleted without its owner", snapshot, _PROTECTED, operation=Operation.DELETE, secret=_DISOWNED),
    ContentCase(
        "deleted before the snapshot names it",
        snapshot_under_way,
        _PROTECTED,
        operation=Operation.DELETE,
        secret=_OWNED,
    ),
    ContentCase("deleted after its snapshot", lambda world: world, operation=Operation.DELETE, secret=_OWNED),
    ContentCase(
        "deleted, of a snapshot that had the name before",
        snapshot_under_way,
        operation=Operation.DELETE,
        secret=_OF_ANOTHER,
    ),
    ContentCase(
        "deleted in a namespace that goes",
        lambda world: snapshot(world).terminating(),
        operation=Operation.DELETE,
        secret=_OWNED,
    ),
)

PROTECTION_CASES: Final = (*EXPORT_CASES, *CONTENT_CASES)
