"""What a snapshot says of itself."""

from __future__ import annotations

from typing import Any

from tests.support.cluster import SimulatedCluster
from tests.support.manifests import Json
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT


def machine_status(cluster: SimulatedCluster, name: str = "snap") -> Json:
    status: Json = cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, name)["status"]
    return status


def disk_status(cluster: SimulatedCluster, name: str = "snap") -> Json:
    status: Json = cluster.store.get(VIRTUAL_DISK_SNAPSHOT, name)["status"]
    return status


def condition_of(status: Json, type_: str) -> Any:
    return next(each for each in status["conditions"] if each["type"] == type_)


def reason(status: Json) -> str:
    """Of the condition that says how the snapshot is; others say how its source is, and what it is good for."""
    return str(_readiness(status)["reason"])


def message(status: Json) -> str:
    return str(_readiness(status)["message"])


def _readiness(status: Json) -> Any:
    return next(each for each in status["conditions"] if each["type"].endswith("SnapshotReady"))


def children(cluster: SimulatedCluster, name: str = "snap") -> dict[str, Json]:
    """By the disk."""
    uid = cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, name)["metadata"]["uid"]
    return {
        each["spec"]["virtualDiskName"]: each
        for each in cluster.store.all(VIRTUAL_DISK_SNAPSHOT)
        if uid in {owner["uid"] for owner in each["metadata"].get("ownerReferences", [])}
    }


def volumes(cluster: SimulatedCluster) -> list[str]:
    return [each["metadata"]["name"] for each in cluster.store.all(VOLUME_SNAPSHOT)]


def reasons_told(cluster: SimulatedCluster, name: str = "snap") -> list[str]:
    return [str(event.reason) for event in cluster.events if event.name == name]
