"""The storage side: cuts VolumeSnapshots, and knows what the guests did at that moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.guests import Guests
from tests.support.object_store import ObjectStore
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT


@dataclass(frozen=True)
class Cut:
    torn: bool
    """Something was writing."""
    standstills: frozenset[tuple[str, int]]
    """Of each machine that had the disk, in which of its standstills."""


class Snapshotter:
    def __init__(self, store: ObjectStore, guests: Guests, now: Callable[[], str]) -> None:
        self._store = store
        self._guests = guests
        self._now = now
        self.cuts: dict[str, Cut] = {}
        """By the uid of the VolumeSnapshot."""
        self._last: dict[str, str] = {}
        self.claims: dict[str, str] = {}
        """Names of the disks that were cut, by the same."""
        self.works = True
        """Whether it cuts by itself."""
        self.copies = True
        """Whether what was cut becomes ready by itself."""

    def step(self) -> bool:
        """Take every VolumeSnapshot one step further. True when any moved."""
        moved = False
        for volume in self._store.all(VOLUME_SNAPSHOT):
            name, status = volume["metadata"]["name"], volume.get("status", {})
            if self.works and "creationTime" not in status and "deletionTimestamp" not in volume["metadata"]:
                self.cut(name)
                moved = True
            elif self.copies and "creationTime" in status and not status.get("readyToUse"):
                self.finish(name)
                moved = True
        return moved

    def cut(self, name: str) -> None:
        volume = self._store.get(VOLUME_SNAPSHOT, name)
        self._last[volume["spec"]["source"]["persistentVolumeClaimName"]] = volume["metadata"]["uid"]
        claim = self._store.get(PERSISTENT_VOLUME_CLAIM, volume["spec"]["source"]["persistentVolumeClaimName"])
        owners = claim["metadata"].get("ownerReferences", [{"name": claim["metadata"]["name"]}])
        self.claims[volume["metadata"]["uid"]] = owners[0]["name"]
        users = self._guests.with_disk(owners[0]["name"])
        self.cuts[volume["metadata"]["uid"]] = Cut(
            torn=any(guest.writing for guest in users.values()),
            standstills=frozenset((machine, guest.writes_since) for machine, guest in users.items()),
        )
        self._store.patch(
            VOLUME_SNAPSHOT, name, {"status": {"creationTime": self._now(), "readyToUse": False, "error": None}}
        )

    def last_cut_of(self, claim: str) -> str | None:
        """The uid of the last VolumeSnapshot that was cut of the claim, whether it still exists or not."""
        return self._last.get(claim)

    def finish(self, name: str) -> None:
        self._store.patch(VOLUME_SNAPSHOT, name, {"status": {"readyToUse": True}})

    def report(self, name: str, error: str) -> None:
        self._store.patch(VOLUME_SNAPSHOT, name, {"status": {"error": {"message": error, "time": self._now()}}})
