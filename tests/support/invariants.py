"""What must hold whenever everything has come to rest, whatever went wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.support.cluster import SimulatedCluster
from tests.support.manifests import Json
from webhook.api.kind import Kind
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.vocabulary import KEPT_RECLAIM_POLICY, RETAINED_VOLUME
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT


def violations(cluster: SimulatedCluster) -> list[str]:
    return [
        *_unfinished(cluster),
        *_frozen_guests(cluster),
        *_orphans(cluster),
        *_lies_about_disks(cluster),
        *_lies_about_machines(cluster),
        *_lies_about_recovered_disks(cluster),
    ]


def _unfinished(cluster: SimulatedCluster) -> Iterator[str]:
    for kind in (VIRTUAL_DISK_SNAPSHOT, VIRTUAL_MACHINE_SNAPSHOT):
        for snapshot in cluster.store.all(kind):
            phase = snapshot["status"].get("phase")
            if phase not in {"Ready", "Failed"} or "deletionTimestamp" in snapshot["metadata"]:
                yield f"{kind.name} {_name(snapshot)} ends {phase}"
            freeze = snapshot["status"].get("freeze")
            if freeze is not None and "thawedAt" not in freeze:
                yield f"{kind.name} {_name(snapshot)} ends with an open claim"


def _frozen_guests(cluster: SimulatedCluster) -> Iterator[str]:
    longest = timedelta(seconds=cluster.settings.freeze_deadline_seconds + 1)
    for name, guest in cluster.guests.items():
        if guest.frozen:
            yield f"{name} stays frozen"
        if guest.longest_freeze > longest:
            yield f"{name} was frozen for {guest.longest_freeze}"


def _orphans(cluster: SimulatedCluster) -> Iterator[str]:
    owning: tuple[Kind[Any], ...] = (VIRTUAL_DISK, VIRTUAL_DISK_SNAPSHOT, VIRTUAL_MACHINE_SNAPSHOT)
    uids = {_uid(each) for kind in owning for each in cluster.store.all(kind)}
    owned: tuple[Kind[Any], ...] = (VOLUME_SNAPSHOT, SECRET, VIRTUAL_DISK_SNAPSHOT, PERSISTENT_VOLUME_CLAIM)
    for kind in owned:
        for each in cluster.store.all(kind):
            owners = _owners(each)
            if owners and not owners & uids:
                yield f"{kind.name} {_name(each)} is an orphan"


def _lies_about_disks(cluster: SimulatedCluster) -> Iterator[str]:
    for snapshot in cluster.store.all(VIRTUAL_DISK_SNAPSHOT):
        if snapshot["status"].get("phase") != "Ready":
            continue
        cut = _cut_of(cluster, snapshot)
        consistent = snapshot["status"].get("consistent", False)
        if cut is None:
            yield f"{_name(snapshot)} is Ready without data"
        elif consistent and cut.torn:
            yield f"{_name(snapshot)} says consistent and is torn"
        if snapshot["spec"].get("requiredConsistency", True) and not consistent:
            yield f"{_name(snapshot)} is Ready, not consistent, and had to be"


def _lies_about_machines(cluster: SimulatedCluster) -> Iterator[str]:
    children = {_name(each): each for each in cluster.store.all(VIRTUAL_DISK_SNAPSHOT)}
    for snapshot in cluster.store.all(VIRTUAL_MACHINE_SNAPSHOT):
        if snapshot["status"].get("phase") != "Ready":
            continue
        mine = [children[name] for name in snapshot["status"].get("virtualDiskSnapshotNames", [])]
        if snapshot["spec"].get("requiredConsistency", True) and not snapshot["status"].get("consistent"):
            yield f"{_name(snapshot)} is Ready, not consistent, and had to be"
        if snapshot["status"].get("consistent"):
            cuts = [_cut_of(cluster, child) for child in mine]
            if any(cut is None or cut.torn for cut in cuts):
                yield f"{_name(snapshot)} says consistent and is torn"
            if len({cut.standstills for cut in cuts if cut is not None}) > 1:
                yield f"{_name(snapshot)} says consistent and is of several standstills"


def _lies_about_recovered_disks(cluster: SimulatedCluster) -> Iterator[str]:
    """Each ends with exactly one claim, and the bytes that were asked for on it."""
    for disk in cluster.store.all(VIRTUAL_DISK):
        annotations = disk["metadata"].get("annotations", {})
        reference = disk["spec"].get("dataSource", {}).get("objectRef", {})
        if reference.get("kind") != "VirtualDiskSnapshot":
            continue
        claims = [each for each in cluster.store.all(PERSISTENT_VOLUME_CLAIM) if _uid(disk) in _owners(each)]
        # A snapshot that is gone since says no more what it had.
        wanted = annotations.get(RETAINED_VOLUME) or _data_of(cluster, reference["name"])
        held = [cluster.provisioner.data.get(_uid(claim)) for claim in claims]
        wrong = held != [wanted] if wanted is not None else len(held) != 1
        if disk["status"].get("phase") != "Ready" or wrong:
            yield f"disk {_name(disk)} ends {disk['status'].get('phase')} with {held}, not with {wanted}"
    for volume in cluster.store.all(PERSISTENT_VOLUME):
        if KEPT_RECLAIM_POLICY in volume["metadata"].get("annotations", {}):
            yield f"{_name(volume)} stays kept for good"


def _data_of(cluster: SimulatedCluster, snapshot: str) -> str | None:
    found = cluster.store.find(VIRTUAL_DISK_SNAPSHOT, snapshot)
    volume = cluster.store.find(VOLUME_SNAPSHOT, found["status"].get("volumeSnapshotName", "")) if found else None
    return _uid(volume) if volume is not None else None


def _owners(body: Json) -> set[str]:
    return {owner["uid"] for owner in body["metadata"].get("ownerReferences", [])}


def _cut_of(cluster: SimulatedCluster, snapshot: Json) -> Any:
    volume = cluster.store.find(VOLUME_SNAPSHOT, snapshot["status"].get("volumeSnapshotName", ""))
    return cluster.storage.cuts.get(_uid(volume)) if volume is not None else None


def _name(body: Json) -> str:
    name: str = body["metadata"]["name"]
    return name


def _uid(body: Json) -> str:
    uid: str = body["metadata"]["uid"]
    return uid
