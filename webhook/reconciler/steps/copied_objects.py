"""What a copy of a machine consists of, and how far each part is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.operation import Mode, OperationResource, ResourceStatus
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK, Phase, VirtualDisk
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.facts.facts import Facts
from webhook.findings.clone import NAME_TAKEN
from webhook.planning.blueprint import missing_images
from webhook.planning.bodies import copied_attachment, copied_machine, copied_secret, disk_body, secret_name
from webhook.planning.naming import Naming
from webhook.reconciler.settings import ReconcilerSettings
from webhook.reconciler.status.operation import resource
from webhook.reconciler.steps.made import is_made_by
from webhook.reconciler.steps.new_disk import is_usable, state_of, why_it_failed
from webhook.reconciler.steps.saved import SavedMachine


@dataclass(frozen=True, slots=True)
class Wanted:
    kind: Kind[Any]
    body: dict[str, Any]
    shared: bool = False
    """There already and used as it is: a provisioning Secret that keeps its name."""

    @property
    def name(self) -> str:
        name: str = self.body["metadata"]["name"]
        return name


@dataclass(frozen=True, slots=True)
class Made:
    """What is wanted, and what there is of it."""

    wanted: Wanted
    present: Object | None
    consumed: bool
    """Whether the new machine runs with it: a disk may not wait for its first consumer any more."""

    @property
    def in_place(self) -> bool:
        if isinstance(self.present, VirtualDisk):
            return is_usable(self.present, consumed=self.consumed)
        return self.present is not None

    def is_taken(self, uid: str) -> bool:
        return self.present is not None and not self.wanted.shared and not is_made_by(uid, self.present)

    @property
    def taken(self) -> str:
        return f"{self.wanted.kind.name} {self.wanted.name} was made by someone else meanwhile [{NAME_TAKEN.name}]"

    def failure(self, now: datetime, settings: ReconcilerSettings) -> str:
        """Why it never will be; `""` when it may. Slow storage is waited for: nobody's machine is off for it."""
        if isinstance(self.present, VirtualDisk) and self.present.status.phase == Phase.FAILED:
            return why_it_failed(self.present, now, settings)
        return ""

    def resource(self, namespace: str) -> OperationResource:
        reference = Reference(self.wanted.kind.name, namespace, self.wanted.name)
        told = state_of(self.present) if isinstance(self.present, VirtualDisk) else _phase_of(self.present)
        return resource(reference, ResourceStatus.COMPLETED if self.in_place else ResourceStatus.IN_PROGRESS, told)


def wanted_objects(saved: SavedMachine, naming: Naming, mode: str, facts: Facts, uid: str) -> Iterator[Wanted]:
    """In the order in which they are made: until the machine is, nothing uses what could still be refused."""
    raw, best_effort = saved.raw, mode == Mode.BEST_EFFORT
    missing = missing_images(saved.blueprint, facts) if best_effort else ()
    for disk in saved.snapshot.disks:
        yield Wanted(VIRTUAL_DISK, disk_body(disk, naming.of(VIRTUAL_DISK.name, disk.name), uid=uid))
    if raw.provisioning_secret is not None:
        name = secret_name(raw.provisioning_secret, naming)
        shared = name == raw.provisioning_secret["metadata"]["name"] and facts.get(SECRET, name) is not None
        yield Wanted(SECRET, copied_secret(raw.provisioning_secret, name, uid=uid), shared=shared)
    left_out = {each.attachment for each in missing}
    for attachment in raw.attachments:
        if attachment["metadata"]["name"] not in left_out:
            yield Wanted(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, copied_attachment(attachment, naming, uid=uid))
    without = {(each.kind, each.name) for each in missing if not each.attachment}
    devices = _shared_usb_devices(saved, facts) if best_effort else ()
    machine = copied_machine(raw.machine, naming, without=without, without_usb_devices=devices, uid=uid)
    yield Wanted(VIRTUAL_MACHINE, machine)


def _shared_usb_devices(saved: SavedMachine, facts: Facts) -> tuple[str, ...]:
    names = (each.name for each in saved.blueprint.machine.spec.usb_devices)
    return tuple(name for name in names if facts.holders.of_usb_device(name))


def _phase_of(present: Object | None) -> str:
    phase: str = getattr(getattr(present, "status", None), "phase", "")
    return phase
