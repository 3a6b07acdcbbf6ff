"""The cluster of a test: objects go in as JSON and come out decoded, as they do from a watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeVar

import msgspec

from tests.support import dependency_manifests, manifests, saved_manifests, source_manifests
from tests.support.manifests import DRIVER, NAMESPACE, Json, filled
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.decoding import UndecodableError, decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.namespace import NAMESPACE as NAMESPACE_KIND
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS
from webhook.facts.source import Index, UnreadableError
from webhook.inventory.projections import projection_of

T = TypeVar("T", bound=Object)


class World:
    """A Source over plain dicts. Every method that changes it returns it, so that a world reads as one sentence.

    What the builders do not say goes through `put`, `change` and `remove`. Names are of one namespace unless a manifest
    names another.
    """

    def __init__(self, namespace: str = NAMESPACE) -> None:
        self.namespace = namespace
        self._manifests: dict[str, dict[tuple[str, str], Json]] = {}
        self._objects: dict[str, dict[tuple[str, str], Object | UndecodableError]] = {}
        self._indexed: dict[str, dict[str, dict[str, list[Any]]]] = {}
        self._unknown: set[str] = set()
        self._kinds: dict[str, Kind[Any]] = {}

    def knows(self, kind: Kind[Any]) -> bool:
        return kind.resource not in self._unknown

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        found = self._objects.get(kind.resource, {}).get((namespace, name))
        if isinstance(found, UndecodableError):
            raise UnreadableError(kind, namespace, name, str(found))
        return found  # type: ignore[return-value]  # what is stored under a kind was decoded as that kind

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        built = self._indexed.setdefault(index.kind.resource, {})
        if index.name not in built:
            built[index.name] = self._build(index)
        return built[index.name].get(value, [])

    def put(self, kind: Kind[Any], manifest: Mapping[str, Any]) -> Self:
        """Add or replace. Namespace and uid are filled in where the manifest has none."""
        stored = filled(kind, manifest, self.namespace)
        self._unknown.discard(kind.resource)
        self._kinds[kind.resource] = kind
        key = (stored["metadata"].get("namespace", ""), stored["metadata"]["name"])
        self._manifests.setdefault(kind.resource, {})[key] = stored
        self._objects.setdefault(kind.resource, {})[key] = _decoded(kind, stored)
        self._indexed.pop(kind.resource, None)
        return self

    def change(self, kind: Kind[Any], name: str, **members: Any) -> Self:
        """Merge members into an object, dict by dict. None stays a null, as other controllers may write it."""
        return self.put(kind, _merged(self.manifest(kind, name), members))

    def remove(self, kind: Kind[Any], name: str) -> Self:
        key = self._key(kind, name)
        del self._manifests[kind.resource][key], self._objects[kind.resource][key]
        self._indexed.pop(kind.resource, None)
        return self

    def manifest(self, kind: Kind[Any], name: str) -> Json:
        return self._manifests[kind.resource][self._key(kind, name)]

    def everything(self) -> list[tuple[Kind[Any], Json]]:
        """Every object with its kind."""
        return [(self._kinds[name], manifest) for name, found in self._manifests.items() for manifest in found.values()]

    def all(self, kind: Kind[Any]) -> list[Json]:
        return list(self._manifests.get(kind.resource, {}).values())

    def machine(self, name: str, **described: Any) -> Self:
        """See manifests.machine. Its disks are only named: put them with `disk`, or leave them missing.

        Its images are there and Ready unless they were put before.
        """
        for image in described.get("images", ()):
            self._unless_there(VIRTUAL_IMAGE, dependency_manifests.image(image))
        for image in described.get("cluster_images", ()):
            self._unless_there(CLUSTER_VIRTUAL_IMAGE, dependency_manifests.image(image))
        return self.put(VIRTUAL_MACHINE, manifests.machine(name, **described))

    def image(self, name: str, **described: Any) -> Self:
        return self.put(VIRTUAL_IMAGE, dependency_manifests.image(name, **described))

    def cluster_image(self, name: str, **described: Any) -> Self:
        return self.put(CLUSTER_VIRTUAL_IMAGE, dependency_manifests.image(name, **described))

    def ip_address(self, name: str, **described: Any) -> Self:
        return self.put(VIRTUAL_MACHINE_IP_ADDRESS, dependency_manifests.ip_address(name, **described))

    def mac_address(self, name: str, **described: Any) -> Self:
        return self.put(VIRTUAL_MACHINE_MAC_ADDRESS, dependency_manifests.mac_address(name, **described))

    def attachment(self, name: str, **described: Any) -> Self:
        return self.put(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, dependency_manifests.attachment(name, **described))

    def machine_class(self, name: str, **described: Any) -> Self:
        return self.put(VIRTUAL_MACHINE_CLASS, dependency_manifests.machine_class(name, **described))

    def restore(self, name: str, **described: Any) -> Self:
        return self.put(VIRTUAL_MACHINE_OPERATION, dependency_manifests.restore(name, **described))

    def machine_from_snapshot(self, name: str, **described: Any) -> Self:
        manifest = dependency_manifests.machine_from_snapshot(name, **described)
        return self.put(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, manifest)

    def terminating(self) -> Self:
        """The namespace of what was put last is on its way out."""
        return self.put(NAMESPACE_KIND, dependency_manifests.namespace(self.namespace, deleting=True))

    def disk(self, name: str, *, driver: str = DRIVER, bound: bool = True, **described: Any) -> Self:
        """See manifests.disk. Comes with all it takes to capture it: claim of the same name, classes of the driver."""
        self.put(VIRTUAL_DISK, manifests.disk(name, storage_class=driver, **described))
        self.claim(name, driver=driver, storage_class=driver, phase="Bound" if bound else "Pending")
        return self.storage_class(driver, provisioner=driver).snapshot_class(driver, driver=driver)

    def claim(self, name: str, **described: Any) -> Self:
        return self.put(PERSISTENT_VOLUME_CLAIM, manifests.claim(name, **described))

    def storage_class(self, name: str, **described: Any) -> Self:
        return self.put(STORAGE_CLASS, manifests.storage_class(name, **described))

    def snapshot_class(self, name: str, **described: Any) -> Self:
        return self.put(VOLUME_SNAPSHOT_CLASS, manifests.snapshot_class(name, **described))

    def disk_snapshot(self, name: str, **described: Any) -> Self:
        return self.put(VIRTUAL_DISK_SNAPSHOT, manifests.disk_snapshot(name, **described))

    def captured(self, name: str, *, of: str, consistent: bool = True, driver: str = DRIVER, **data: Any) -> Self:
        """A disk snapshot that is Ready, with its data (see source_manifests.volume_snapshot) and the classes of its
        driver. The disk it is of need not be there."""
        volume = f"data-of-{name}"
        self.storage_class(driver, provisioner=driver).snapshot_class(driver, driver=driver)
        described = {"storage_class": driver, "snapshot_class": driver} | data
        self.put(VOLUME_SNAPSHOT, source_manifests.volume_snapshot(volume, of=name, **described))
        told = {"consistent": True} if consistent else {}
        return self.disk_snapshot(name, of=of, phase="Ready", volumeSnapshotName=volume, **told)

    def machine_snapshot(self, name: str, **described: Any) -> Self:
        return self.put(VIRTUAL_MACHINE_SNAPSHOT, manifests.machine_snapshot(name, **described))

    def saved(
        self,
        name: str,
        *,
        of: str,
        address: str = "",
        mac_addresses: Sequence[str] = (),
        secret: str = "",
        attachments: Sequence[str] = (),
        **status: Any,
    ) -> Self:
        """A ready snapshot of a machine as it is in this world, with its disks and what is named here of the rest."""
        machine = self.manifest(VIRTUAL_MACHINE, of)
        listed = machine["status"]["blockDeviceRefs"]
        disks = [device["name"] for device in listed if device["kind"] == VIRTUAL_DISK.name]
        content = saved_manifests.content(
            machine,
            address=_as_saved(self.manifest(VIRTUAL_MACHINE_IP_ADDRESS, address)) if address else None,
            mac_addresses=[_with_its_value(self.manifest(VIRTUAL_MACHINE_MAC_ADDRESS, each)) for each in mac_addresses],
            secret=self.manifest(SECRET, secret) if secret else None,
            attachments=[self.manifest(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, each) for each in attachments],
        )
        for disk in disks:
            storage_class = self.manifest(VIRTUAL_DISK, disk)["status"]["storageClassName"]
            self.put(VIRTUAL_DISK_SNAPSHOT, saved_manifests.ready_disk_snapshot(disk, of=name))
            volume = saved_manifests.volume_snapshot(disk, of=name, storage_class=storage_class)
            self.put(VOLUME_SNAPSHOT, volume)
        self.put(SECRET, saved_manifests.saved_secret(name, content))
        snapshot = saved_manifests.ready_snapshot(name, of=of, disks=disks, saved=content, **status)
        return self.put(VIRTUAL_MACHINE_SNAPSHOT, snapshot)

    def secret(self, name: str, **described: Any) -> Self:
        return self.put(SECRET, saved_manifests.provisioning_secret(name, namespace=self.namespace, **described))

    def without_snapshot_classes(self) -> Self:
        for _, name in list(self._objects.get(VOLUME_SNAPSHOT_CLASS.resource, {})):
            self.remove(VOLUME_SNAPSHOT_CLASS, name)
        return self

    def without_claim(self, name: str) -> Self:
        return self.remove(PERSISTENT_VOLUME_CLAIM, name)

    def without_kind(self, kind: Kind[Any]) -> Self:
        """The API server does not serve it."""
        self._unknown.add(kind.resource)
        return self

    def elsewhere(self, namespace: str) -> Self:
        """What is put from here on is in this namespace, and so are names."""
        self.namespace = namespace
        return self

    def _unless_there(self, kind: Kind[Any], manifest: Json) -> None:
        if self._key(kind, manifest["metadata"]["name"]) not in self._objects.get(kind.resource, {}):
            self.put(kind, manifest)

    def _key(self, kind: Kind[Any], name: str) -> tuple[str, str]:
        return (self.namespace if kind.namespaced else "", name)

    def _build(self, index: Index[T]) -> dict[str, list[T]]:
        """An object that does not decode is under no value: nothing can be said of it."""
        found: dict[str, list[T]] = {}
        for key in sorted(self._objects.get(index.kind.resource, {})):
            indexed = self._objects[index.kind.resource][key]
            if isinstance(indexed, index.kind.type):
                for value in dict.fromkeys(index.keys(indexed)):
                    found.setdefault(value, []).append(indexed)
        return found


def _decoded(kind: Kind[Any], manifest: Json) -> Object | UndecodableError:
    try:
        decoded: Object = projection_of(kind)(decode(kind, msgspec.json.encode(manifest)))
    except UndecodableError as error:
        return error
    return decoded


def _as_saved(address: Json) -> Json:
    """A dynamic address is saved as a static one."""
    return {**address, "spec": {"type": "Static", "staticIP": address["status"]["address"]}}


def _with_its_value(address: Json) -> Json:
    return {**address, "spec": {"address": address["status"]["address"]}}


def _merged(base: Mapping[str, Any], members: Mapping[str, Any]) -> Json:
    merged = dict(base)
    for name, member in members.items():
        present = merged.get(name)
        merged[name] = _merged(present, member) if isinstance(present, dict) and isinstance(member, dict) else member
    return merged
