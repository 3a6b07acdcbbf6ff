"""What the machine side does by itself: maintenance, power, hot-plug, addresses, and the end of disks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from tests.support import manifests
from tests.support.guests import Guests
from tests.support.manifests import Json
from tests.support.object_store import ObjectStore
from tests.support.provisioner import select_node
from webhook.api.kind import Kind
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import BEFORE_DATA, VIRTUAL_DISK
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.vocabulary import DISK_CLEANUP, DISK_PROTECTION, RESTORE_POWER_STATE

_ADDRESSES: Final[tuple[Kind[Any], ...]] = (VIRTUAL_MACHINE_IP_ADDRESS, VIRTUAL_MACHINE_MAC_ADDRESS)
_USABLE: Final = ("Ready", "WaitForFirstConsumer")


class MachineSide:
    def __init__(self, store: ObjectStore, guests: Guests) -> None:
        self._store = store
        self._guests = guests
        self.leased: dict[str, str] = {}
        """Who has an address, as `namespace/name` of the address object: the first who asks."""
        self.starts = True
        """Whether machines that are due to run come up."""

    def step(self) -> bool:
        """True when anything moved."""
        moves: list[Callable[[], bool]] = [self._end_disks, self._give_addresses, self._plug, self._machines]
        return sum(move() for move in moves) > 0

    def _machines(self) -> bool:
        moved = False
        for machine in self._store.all(VIRTUAL_MACHINE):
            name = machine["metadata"]["name"]
            if not self._guests.knows(name):
                self._guests.adopt(name)
                self._store.patch(VIRTUAL_MACHINE, name, {"status": {"phase": "Pending", "conditions": []}})
                moved = True
            else:
                moved = self._maintain(machine) or self._power(machine) or moved
        return moved

    def _maintain(self, machine: Json) -> bool:
        name, told = machine["metadata"]["name"], _condition(machine, "Maintenance")
        if told is None:
            return False
        if told["status"] == "True":
            if machine["status"]["phase"] == "Stopped":
                return False
            self._guests.stop(name)
            return True
        before = machine["metadata"].get("annotations", {}).get(RESTORE_POWER_STATE, "Stopped")
        others = [each for each in machine["status"]["conditions"] if each["type"] != "Maintenance"]
        self._store.patch(VIRTUAL_MACHINE, name, {"metadata": {"annotations": {RESTORE_POWER_STATE: None}}})
        phase = "Pending" if self._is_due(machine, was_on=before == "Running") else "Stopped"
        phase = "Running" if self._guests[name].running else phase  # it had not even stopped
        self._store.patch(VIRTUAL_MACHINE, name, {"status": {"conditions": others, "phase": phase}})
        return True

    def _is_due(self, machine: Json, *, was_on: bool) -> bool:
        policy = machine["spec"].get("runPolicy", "AlwaysOnUnlessStoppedManually")
        return policy == "AlwaysOn" or (policy != "AlwaysOff" and was_on)

    def _power(self, machine: Json) -> bool:
        """Of a machine that is Pending: up, as soon as all that it needs is there. A new one may be to stay off."""
        name = machine["metadata"]["name"]
        if machine["status"]["phase"] != "Pending" or not self.starts or self._guests[name].running:
            return False
        if machine["spec"].get("runPolicy") in {"AlwaysOff", "Manual"} and _condition(machine, "Restored") is None:
            self._show_devices(machine)
            self._guests.stop(name)
            return True
        if self._lacks_something(machine):
            return False
        self._show_devices(machine)
        if self._consume(self._disks_of(machine)):
            return True
        self._guests.start(name)
        return True

    def _consume(self, disks: Iterable[Json]) -> bool:
        """Those that wait for it get a node, and with it a volume. False when none does."""
        waiting = [each for each in disks if each["status"].get("phase") == "WaitForFirstConsumer"]
        for disk in waiting:
            select_node(self._store, disk["status"]["target"]["persistentVolumeClaimName"])
        return bool(waiting)

    def _show_devices(self, machine: Json) -> None:
        listed = [manifests.device(each["kind"], each["name"]) for each in machine["spec"]["blockDeviceRefs"]]
        patch = {"status": {"blockDeviceRefs": listed}}
        self._store.patch(VIRTUAL_MACHINE, machine["metadata"]["name"], patch)

    def _lacks_something(self, machine: Json) -> bool:
        devices = machine["spec"]["blockDeviceRefs"]
        images = [each["name"] for each in devices if each["kind"] == "VirtualImage"]
        disks = self._disks_of(machine)
        listed = [each for each in devices if each["kind"] == "VirtualDisk"]
        class_name = machine["spec"].get("virtualMachineClassName")
        return (
            len(disks) < len(listed)
            or any(each.get("status", {}).get("phase") not in _USABLE for each in disks)
            or any(self._store.find(VIRTUAL_IMAGE, each) is None for each in images)
            or (class_name is not None and self._store.find(VIRTUAL_MACHINE_CLASS, class_name) is None)
        )

    def _disks_of(self, machine: Json) -> list[Json]:
        names = [each["name"] for each in machine["spec"]["blockDeviceRefs"] if each["kind"] == "VirtualDisk"]
        found = [self._store.find(VIRTUAL_DISK, name) for name in names]
        return [each for each in found if each is not None and "deletionTimestamp" not in each["metadata"]]

    def _plug(self) -> bool:
        """Into machines that run; out of all of them when the attachment goes."""
        moved = False
        attachments = self._store.all(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT)
        for machine in self._store.all(VIRTUAL_MACHINE):
            name, status = machine["metadata"]["name"], machine.get("status", {})
            wanted = {
                each["metadata"]["name"]: each["spec"]["blockDeviceRef"]
                for each in attachments
                if each["spec"]["virtualMachineName"] == name
            }
            devices = status.get("blockDeviceRefs", [])
            kept = [each for each in devices if _attachment(each) in {"", *wanted}]
            there = {_attachment(each) for each in kept}
            if status.get("phase") == "Running":
                plugged = (self._store.find(VIRTUAL_DISK, each["name"]) for each in wanted.values())
                moved = self._consume(each for each in plugged if each is not None and "status" in each) or moved
                kept += [
                    manifests.device(device["kind"], device["name"], hotplugged=True, attachment=attachment)
                    for attachment, device in wanted.items()
                    if attachment not in there
                ]
            if kept != devices:
                self._store.patch(VIRTUAL_MACHINE, name, {"status": {"blockDeviceRefs": kept}})
                moved = True
            for attachment in {_attachment(each) for each in kept} - {""}:
                moved = self._say_attached(attachment) or moved
        return moved

    def _say_attached(self, name: str) -> bool:
        present = self._store.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, name)
        attached = {"status": {"phase": "Attached"}}
        if present.get("status") == attached["status"]:
            return False
        self._store.patch(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, name, attached)
        return True

    def _give_addresses(self) -> bool:
        """One that is taken is told so, and stays without."""
        moved = False
        for kind in _ADDRESSES:
            for address in self._store.all(kind):
                if "phase" not in address.get("status", {}):
                    self._give_address(kind, address)
                    moved = True
        return moved

    def _give_address(self, kind: Kind[Any], address: Json) -> None:
        name, spec = address["metadata"]["name"], address["spec"]
        value = spec.get("staticIP") or spec.get("address") or f"10.66.0.{len(self.leased) + 1}"
        holder = self.leased.setdefault(value, f"default/{name}")
        free = holder == f"default/{name}"
        told = manifests.condition("Bound", true=free, message="" if free else f"{value} is leased to {holder}")
        status = {"phase": "Bound", "address": value} if free else {"phase": "Pending"}
        self._store.patch(kind, name, {"status": {**status, "conditions": [told]}})

    def _end_disks(self) -> bool:
        """A disk that has had its data is the machine side's, its end included."""
        moved = False
        for disk in self._store.all(VIRTUAL_DISK):
            metadata, phase = disk["metadata"], disk.get("status", {}).get("phase", "")
            if "deletionTimestamp" not in metadata or phase in BEFORE_DATA | {"Failed"}:
                continue
            for claim in self._store.all(PERSISTENT_VOLUME_CLAIM):
                owners = {each["uid"] for each in claim["metadata"].get("ownerReferences", [])}
                if metadata["uid"] in owners:
                    self._strip(PERSISTENT_VOLUME_CLAIM, claim, DISK_PROTECTION)
                    self._store.delete(PERSISTENT_VOLUME_CLAIM, claim["metadata"]["name"])
            self._strip(VIRTUAL_DISK, disk, DISK_CLEANUP)
            moved = True
        return moved

    def _strip(self, kind: Kind[Any], body: Json, finalizer: str) -> None:
        kept = [each for each in body["metadata"].get("finalizers", []) if each != finalizer]
        self._store.patch(kind, body["metadata"]["name"], {"metadata": {"finalizers": kept}})


def _condition(machine: Json, type_: str) -> Json | None:
    conditions: list[Json] = machine.get("status", {}).get("conditions", [])
    return next((each for each in conditions if each["type"] == type_), None)


def _attachment(device: Json) -> str:
    name: str = device.get("virtualMachineBlockDeviceAttachmentName", "")
    return name
