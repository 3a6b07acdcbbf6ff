"""The storage side of claims: makes volumes of snapshots, binds claims to volumes that are kept for them."""

from __future__ import annotations

from tests.support.manifests import Json
from tests.support.object_store import ObjectStore
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, SELECTED_NODE, STORAGE_CLASS
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT


class Provisioner:
    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.data: dict[str, str] = {}
        """Uid of the VolumeSnapshot, or name of the PersistentVolume, by the uid of the claim that has its bytes."""
        self.works = True

    def step(self) -> bool:
        """Bind every claim that can be bound, release the volumes of those that are gone. True when any moved."""
        moved = self._release()
        for claim in self._store.all(PERSISTENT_VOLUME_CLAIM):
            if self.works and "phase" not in claim.get("status", {}) and "deletionTimestamp" not in claim["metadata"]:
                moved = self._bind(claim) or moved
        return moved

    def _bind(self, claim: Json) -> bool:
        source = self._source_of(claim)
        if source is None:
            return False
        self.data[claim["metadata"]["uid"]] = source
        status = {"phase": "Bound", "capacity": claim["spec"]["resources"]["requests"]}
        self._store.patch(PERSISTENT_VOLUME_CLAIM, claim["metadata"]["name"], {"status": status})
        return True

    def _source_of(self, claim: Json) -> str | None:
        if "volumeName" in claim["spec"]:
            return self._kept(claim)
        if not self._is_wanted(claim):
            return None
        volume = self._store.find(VOLUME_SNAPSHOT, claim["spec"]["dataSource"]["name"])
        uid: str | None = volume["metadata"]["uid"] if volume and volume["status"]["readyToUse"] else None
        return uid

    def _kept(self, claim: Json) -> str | None:
        """The volume binds only whom its reference names."""
        name: str = claim["spec"]["volumeName"]
        volume = self._store.find(PERSISTENT_VOLUME, name)
        if volume is None or volume["spec"]["claimRef"]["name"] != claim["metadata"]["name"]:
            return None
        if volume["spec"]["claimRef"].get("uid") not in {None, claim["metadata"]["uid"]}:
            return None
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
