"""What an API server does to objects, and how late a watch shows it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from tests.support.manifests import NAMESPACE, Json
from tests.support.world import World
from webhook.api.decoding import decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.secret import SECRET, UNWATCHED_TYPES
from webhook.kube.errors import AlreadyExistsError, ConflictError, NotFoundError

Listener = Callable[[Kind[Any], Object | None, Object | None], None]


class Change(NamedTuple):
    kind: Kind[Any]
    name: str
    manifest: Json | None
    """None: the object is gone."""


class ObjectStore:
    """Objects as they are; `cache` is what a watcher has seen of them.

    Each kind has a watch of its own, in order but not in step with the others. Without `lagging` all are at once.
    """

    def __init__(self, *, now: Callable[[], str]) -> None:
        self.cache = World()
        self.lagging = False
        self.listener: Listener | None = None
        self._now = now
        self._objects: dict[tuple[str, str], Json] = {}
        self._kinds: dict[str, Kind[Any]] = {}
        self._undelivered: dict[str, deque[Change]] = defaultdict(deque)
        self._version = 0
        self._uids = 0

    def find(self, kind: Kind[Any], name: str) -> Json | None:
        found = self._objects.get((kind.resource, name))
        return copied(found) if found is not None else None

    def get(self, kind: Kind[Any], name: str) -> Json:
        found = self.find(kind, name)
        if found is None:
            raise NotFoundError(404, "NotFound", f"{kind.name} {name} not found")
        return found

    def all(self, kind: Kind[Any]) -> list[Json]:
        return [copied(body) for (resource, _), body in sorted(self._objects.items()) if resource == kind.resource]

    def create(self, kind: Kind[Any], body: Mapping[str, Any]) -> Json:
        name = body["metadata"]["name"]
        if (kind.resource, name) in self._objects:
            raise AlreadyExistsError(409, "AlreadyExists", f"{kind.name} {name} already exists")
        self._uids += 1
        known = {"uid": str(UUID(int=self._uids)), "generation": 1, "creationTimestamp": self._now()}
        known |= {"namespace": NAMESPACE} if kind.namespaced else {}
        return self._store(kind, {**copied(body), "metadata": {**known, **copied(body["metadata"])}})

    def patch(self, kind: Kind[Any], name: str, patch: Mapping[str, Any]) -> Json:
        """A merge patch (RFC 7396); with metadata.resourceVersion only of that version."""
        present = self.get(kind, name)
        expected = patch.get("metadata", {}).get("resourceVersion")
        if expected is not None and expected != present["metadata"]["resourceVersion"]:
            raise ConflictError(409, "Conflict", f"{kind.name} {name} has been modified")
        return self._store(kind, _merged(present, patch))

    def delete(self, kind: Kind[Any], name: str, *, uid: str = "", resource_version: str = "") -> None:
        present = self.get(kind, name)
        if uid and uid != present["metadata"]["uid"]:
            raise ConflictError(409, "Conflict", f"{kind.name} {name} is another object")
        if resource_version and resource_version != present["metadata"]["resourceVersion"]:
            raise ConflictError(409, "Conflict", f"{kind.name} {name} has been modified")
        if "deletionTimestamp" not in present["metadata"]:
            self._store(kind, _merged(present, {"metadata": {"deletionTimestamp": self._now()}}))

    def collect_garbage(self) -> bool:
        """Delete what has owners of which none exists. True when there was any."""
        uids = {body["metadata"]["uid"] for body in self._objects.values()}
        found = False
        for (resource, name), body in sorted(self._objects.items()):
            owners = body["metadata"].get("ownerReferences", [])
            orphaned = owners and not any(owner["uid"] in uids for owner in owners)
            if orphaned and "deletionTimestamp" not in body["metadata"]:
                self.delete(self._kinds[resource], name)
                found = True
        return found

    @property
    def behind(self) -> list[str]:
        """Resources whose watch has something to deliver."""
        return sorted(resource for resource, changes in self._undelivered.items() if changes)

    def deliver(self, resource: str) -> None:
        """The next event of one watch."""
        kind, name, manifest = self._undelivered[resource].popleft()
        old = self.cache.get(kind, NAMESPACE if kind.namespaced else "", name)
        new: Object | None = None
        if manifest is not None:
            self.cache.put(kind, manifest)
            new = self.cache.get(kind, NAMESPACE if kind.namespaced else "", name)
        elif old is not None:
            self.cache.remove(kind, name)
        if self.listener is not None:
            self.listener(kind, old, new)

    def deliver_all(self, kind: Kind[Any] | None = None) -> None:
        for resource in [kind.resource] if kind is not None else self.behind:
            while self._undelivered[resource]:
                self.deliver(resource)

    def _store(self, kind: Kind[Any], body: Json) -> Json:
        name, metadata = body["metadata"]["name"], body["metadata"]
        present = self._objects.get((kind.resource, name))
        if body == present:
            return copied(body)
        self._version += 1
        metadata["resourceVersion"] = str(self._version)
        if "deletionTimestamp" in metadata and not metadata.get("finalizers"):
            del self._objects[kind.resource, name]
            self._publish(Change(kind, name, None))
        else:
            self._objects[kind.resource, name] = body
            self._kinds[kind.resource] = kind
            self._publish(Change(kind, name, copied(body)))
        return copied(body)

    def _publish(self, change: Change) -> None:
        if change.manifest is not None and _is_unwatched(change.kind, change.manifest):
            return
        self._undelivered[change.kind.resource].append(change)
        if not self.lagging:
            self.deliver_all(change.kind)


def _is_unwatched(kind: Kind[Any], body: Json) -> bool:
    """As the product's own watch leaves them out."""
    return kind is SECRET and body.get("type") in UNWATCHED_TYPES


def typed(kind: Kind[Any], body: Json) -> Any:
    return decode(kind, msgspec.json.encode(body))


def copied(body: Mapping[str, Any]) -> Json:
    """As it comes out of the other end of a connection."""
    received: Json = msgspec.json.decode(msgspec.json.encode(body))
    return received


def _merged(base: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(base) if isinstance(base, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged
