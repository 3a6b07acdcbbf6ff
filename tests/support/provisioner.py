"""The storage side of claims: makes volumes of snapshots, binds claims to volumes that are kept for them."""

from __future__ import annotations

from typing import Any, Final

from tests.support.manifests import NAMESPACE, Json
from tests.support.object_store import ObjectStore
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, SELECTED_NODE, STORAGE_CLASS
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT

_MODES: Final = ["ReadWriteOnce"]


def select_node(store: ObjectStore, claim: str, node: str | None = "node") -> None:
    """As a scheduler does for a consumer of the claim; None as a provisioner that takes the node off again."""
    store.patch(PERSISTENT_VOLUME_CLAIM, claim, {"metadata": {"annotations": {SELECTED_NODE: node}}})


class Provisioner:
    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.data: dict[str, str] = {}
        """Uid of the VolumeSnapshot, or name of the PersistentVolume, by the uid of the claim that has its bytes."""
        self.contents: dict[str, str] = {}
        """Uid of the VolumeSnapshot that its bytes are of, or what else they are, by the name of the PersistentVolume.
        What a volume held that is reclaimed is gone."""
        self.works = True
        self.makes_new = True
        """Whether it makes volumes, beside binding those that there are."""

    def step(self) -> bool:
        """Bind every claim that can be bound, release the volumes of those that are gone. True when any moved."""
        moved = self._release() or self._reclaim()
        for claim in self._store.all(PERSISTENT_VOLUME_CLAIM):
            if self.works and "phase" not in claim.get("status", {}) and "deletionTimestamp" not in claim["metadata"]:
                moved = self._bind(claim) or moved
        return moved

    def bind_to_new_volume(self, claim: Json, contents: str) -> None:
        """With its reclaim policy Delete, as a class has it by default."""
        name = f"pv-{claim['metadata']['uid']}"
        reference = {"namespace": NAMESPACE, "name": claim["metadata"]["name"], "uid": claim["metadata"]["uid"]}
        spec: dict[str, Any] = {
            "claimRef": reference,
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": claim["spec"].get("accessModes", _MODES),
            "storageClassName": claim["spec"].get("storageClassName", ""),
            "persistentVolumeReclaimPolicy": "Delete",
        }
        self._store.create(PERSISTENT_VOLUME, {"metadata": {"name": name}, "spec": spec, "status": {"phase": "Bound"}})
        self.contents[name] = contents
        self._say_bound(claim, {"spec": {"volumeName": name}})

    def contents_of(self, claim: Json) -> str:
        return self.contents.get(claim["spec"].get("volumeName", ""), "")

    def _bind(self, claim: Json) -> bool:
        if "volumeName" in claim["spec"]:
            kept = self._kept(claim)
            if kept:
                self.data[claim["metadata"]["uid"]] = kept
                self._say_bound(claim, {})
            return bool(kept)
        source = self._source_of(claim)
        if source is not None:
            self.data[claim["metadata"]["uid"]] = source
            self.bind_to_new_volume(claim, source)
        return source is not None

    def _say_bound(self, claim: Json, patch: Json) -> None:
        status = {"phase": "Bound", "capacity": claim["spec"]["resources"]["requests"]}
        self._store.patch(PERSISTENT_VOLUME_CLAIM, claim["metadata"]["name"], {**patch, "status": status})

    def _source_of(self, claim: Json) -> str | None:
        if not self.makes_new or not self._is_wanted(claim):
            return None
        if "dataSource" not in claim["spec"]:
            return "blank"
        volume = self._store.find(VOLUME_SNAPSHOT, claim["spec"]["dataSource"]["name"])
        uid: str | None = volume["metadata"]["uid"] if volume and volume["status"]["readyToUse"] else None
        return uid

    def _kept(self, claim: Json) -> str:
        """The volume binds only whom its reference names."""
        name: str = claim["spec"]["volumeName"]
        volume = self._store.find(PERSISTENT_VOLUME, name)
        if volume is None or volume["spec"]["claimRef"]["name"] != claim["metadata"]["name"]:
            return ""
        if volume["spec"]["claimRef"].get("uid") not in {None, claim["metadata"]["uid"]}:
            return ""
        bound = {"spec": {"claimRef": {"uid": claim["metadata"]["uid"]}}, "status": {"phase": "Bound"}}
        self._store.patch(PERSISTENT_VOLUME, name, bound)
        return name

    def _is_wanted(self, claim: Json) -> bool:
        storage_class = self._store.find(STORAGE_CLASS, claim["spec"].get("storageClassName", ""))
        waits = storage_class is not None and storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"
        return not waits or SELECTED_NODE in claim["metadata"].get("annotations", {})

    def _release(self) -> bool:
        uids = {claim["metadata"]["uid"] for claim in self._store.all(PERSISTENT_VOLUME_CLAIM)}
        gone = [
            volume
            for volume in self._store.all(PERSISTENT_VOLUME)
            if volume["status"]["phase"] == "Bound" and volume["spec"]["claimRef"].get("uid") not in uids
        ]
        for volume in gone:
            self._store.patch(PERSISTENT_VOLUME, volume["metadata"]["name"], {"status": {"phase": "Released"}})
        return bool(gone)

    def _reclaim(self) -> bool:
        """Only what somebody had claimed: a volume that is reserved for a claim to come is nobody's to delete."""
        gone = [
            volume["metadata"]["name"]
            for volume in self._store.all(PERSISTENT_VOLUME)
            if volume["status"]["phase"] == "Released"
            and volume["spec"]["claimRef"].get("uid")
            and volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
        ]
        for name in gone:
            self._store.delete(PERSISTENT_VOLUME, name)
            self.contents.pop(name, None)
        return bool(gone)
