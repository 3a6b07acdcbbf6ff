"""What can be wrong with the snapshot that a machine is restored from or copied from, and with what it saved."""

from __future__ import annotations

import base64
from typing import Final

from tests.support.cases import DATA, Arrange
from tests.support.manifests import DRIVER, MOMENT
from tests.support.operation_changes import (
    snapshot_status,
    snapshot_unfinished,
    snapshot_without,
    tampered,
    with_image_behind_attachment,
    with_machine_named,
)
from tests.support.operation_worlds import (
    NETWORK_NAME,
    SNAPSHOT,
    USER_DATA,
    only_images,
    with_content,
)
from tests.support.saved_manifests import child_name, secret_name, volume_name
from tests.support.twins import ALL, BEST_EFFORT, EVERYWHERE, FROM_SNAPSHOTS, TOLD, Twin, nothing, twins
from webhook.api.network import NETWORK
from webhook.api.secret import SECRET
from webhook.api.storage import STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT

REPLACED: Final = frozenset({"DisksWillBeReplaced"})


def unusable(code: str, name: str, wrong: Arrange, *, right: Arrange = nothing) -> tuple[Twin, ...]:
    """Nothing can be said of what is in it."""
    return tuple(
        Twin(code=code, type=type_, name=name, wrong=wrong, right=right, without=TOLD[type_])
        for type_ in FROM_SNAPSHOTS
    )


SNAPSHOT_SOURCES: Final = (
    *unusable("SnapshotNotFound", "snapshot gone", lambda world: world.remove(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT)),
    *unusable("SnapshotNotReady", "snapshot being taken", snapshot_unfinished),
    *unusable(
        "SnapshotFailed", "snapshot failed", lambda world: snapshot_status(phase="Failed")(snapshot_unfinished(world))
    ),
    *twins(
        "SnapshotFailed",
        FROM_SNAPSHOTS,
        "snapshot being deleted",
        wrong=lambda world: world.change(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT, metadata={"deletionTimestamp": MOMENT}),
    ),
    *unusable("SnapshotDataMissing", "Secret gone", lambda world: world.remove(SECRET, secret_name(SNAPSHOT))),
    *unusable("SnapshotDataMissing", "Secret never recorded", snapshot_status(virtualMachineSnapshotSecretName="")),
    *unusable(
        "SnapshotDataMissing",
        "settings truncated",
        lambda world: with_content(world, {"vm": base64.b64encode(b'{"metadata": {').decode()}),
    ),
    *unusable(
        "SnapshotDataMissing",
        "settings are no JSON",
        lambda world: with_content(world, {"vm": base64.b64encode(b"<xml/>").decode()}),
    ),
    *unusable("SnapshotDataMissing", "machine not in the Secret", lambda world: with_content(world, {"vm": None})),
    *twins(
        "SnapshotDataMissing",
        FROM_SNAPSHOTS,
        "data of a disk gone",
        wrong=lambda world: world.remove(VIRTUAL_DISK_SNAPSHOT, child_name(DATA, SNAPSHOT)),
    ),
    *twins(
        "SnapshotDataMissing",
        FROM_SNAPSHOTS,
        "VolumeSnapshot of a disk being deleted",
        wrong=lambda world: world.change(
            VOLUME_SNAPSHOT, volume_name(DATA, SNAPSHOT), metadata={"deletionTimestamp": MOMENT}
        ),
    ),
    *twins(
        "SnapshotDataMissing",
        FROM_SNAPSHOTS,
        "VolumeSnapshot of a disk made anew by someone else",
        wrong=lambda world: world.change(
            VOLUME_SNAPSHOT, volume_name(DATA, SNAPSHOT), metadata={"ownerReferences": []}
        ),
    ),
    *twins(
        "SnapshotDataMissing",
        ("CreateVirtualMachine",),
        "Secret that was not saved",
        wrong=lambda world: with_content(world, {"provisioner": None}),
    ),
    *twins(
        "SnapshotDataMissing",
        ("Restore",),
        "Secret that was not saved and is gone",
        wrong=lambda world: with_content(world, {"provisioner": None}).remove(SECRET, USER_DATA),
        right=lambda world: with_content(world, {"provisioner": None}),
    ),
    *twins(
        "SnapshotDataMissing",
        ("Restore",),
        "disk that was not saved and is gone",
        wrong=lambda world: snapshot_without(DATA)(world).remove(VIRTUAL_DISK, DATA),
        right=snapshot_without(DATA),
    ),
    *twins("SnapshotDataMissing", ("CreateVirtualMachine",), "disk that was not saved", wrong=snapshot_without(DATA)),
    *twins(
        "SnapshotContentTampered", FROM_SNAPSHOTS, "run policy changed in the Secret", wrong=tampered, also=frozenset()
    ),
    *twins(
        "SnapshotContentTampered",
        FROM_SNAPSHOTS,
        "settings of another machine",
        wrong=lambda world: with_machine_named(world, "billing"),
    ),
    *twins(
        "SnapshotContentUnverified",
        FROM_SNAPSHOTS,
        "taken by another controller",
        wrong=snapshot_status(contentDigest=""),
    ),
    *twins("SnapshotInconsistent", FROM_SNAPSHOTS, "taken without freezing", wrong=snapshot_status(consistent=None)),
    *twins(
        "NetworkMissing",
        ALL,
        "network gone, and of a kind nobody serves",
        wrong=lambda world: world.remove(NETWORK, NETWORK_NAME),
        right=lambda world: world.remove(NETWORK, NETWORK_NAME).without_kind(NETWORK),
    ),
    *twins("StorageClassMissing", ALL, "storage class gone", wrong=lambda world: world.remove(STORAGE_CLASS, DRIVER)),
    *(
        Twin(
            code="ImageMissing",
            type=type_,
            name="image behind an attachment",
            wrong=with_image_behind_attachment,
            right=lambda world: with_image_behind_attachment(world.image("rescue")),
            advises_in=advises_in,
        )
        for type_, advises_in in (("Restore", EVERYWHERE), ("CreateVirtualMachine", BEST_EFFORT))
    ),
    *(
        Twin(
            code="NoBlockDevicesLeft",
            type=type_,
            name="machine of images only, all gone, and one left",
            wrong=lambda world: (
                only_images(world, "rescue", "tools").remove(VIRTUAL_IMAGE, "rescue").remove(VIRTUAL_IMAGE, "tools")
            ),
            right=lambda world: only_images(world, "rescue", "tools").remove(VIRTUAL_IMAGE, "tools"),
            also=frozenset({"ImageMissing"}),
            also_right=frozenset({"ImageMissing"}),
            without=REPLACED,
            without_right=REPLACED,
            absent_in=EVERYWHERE - BEST_EFFORT,
        )
        for type_ in ALL
    ),
)
