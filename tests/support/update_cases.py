"""What is found about an edit of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.support import dependency_manifests, manifests
from tests.support.cases import Case
from tests.support.manifests import Json
from tests.support.requests import update
from webhook.api.kind import Kind
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.facts.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCase(Case):
    """The world does not matter: only what changed is judged."""

    kind: Kind[Any]
    before: Json
    after: Json

    @property
    def request(self) -> Request:
        return update(self.kind, before=self.before, after=self.after)


def _disk(name: str, *, before: Json, after: Json, codes: tuple[str, ...] = ()) -> UpdateCase:
    base = manifests.disk_snapshot("snapshot", of="linux-vm-root")
    return _case(name, VIRTUAL_DISK_SNAPSHOT, base, before, after, codes)


def _machine(name: str, *, before: Json, after: Json, codes: tuple[str, ...] = ()) -> UpdateCase:
    base = manifests.machine_snapshot("snapshot", of="linux-vm")
    return _case(name, VIRTUAL_MACHINE_SNAPSHOT, base, before, after, codes)


def _case(name: str, kind: Kind[Any], base: Json, before: Json, after: Json, codes: tuple[str, ...]) -> UpdateCase:
    return UpdateCase(name, lambda world: world, codes, kind=kind, before=base | before, after=base | after)


def _operation(name: str, *, after: Json, codes: tuple[str, ...] = ()) -> UpdateCase:
    base = dependency_manifests.restore("restore", of="linux-vm", snapshot="snapshot")
    return _case(name, VIRTUAL_MACHINE_OPERATION, base, {}, after, codes)


def _copy(name: str, *, after: Json, codes: tuple[str, ...] = ()) -> UpdateCase:
    base = dependency_manifests.machine_from_snapshot("copy", snapshot="snapshot")
    return _case(name, VIRTUAL_MACHINE_SNAPSHOT_OPERATION, base, {}, after, codes)


_GOING = {"metadata": manifests.metadata("snapshot", deleting=True)}
_REFUSED: Final = ("SpecImmutable",)

UPDATE_CASES: Final = (
    _disk("another disk", before={}, after={"spec": {"virtualDiskName": "other"}}, codes=_REFUSED),
    _disk(
        "consistency no longer required",
        before={},
        after={"spec": {"virtualDiskName": "linux-vm-root", "requiredConsistency": False}},
        codes=_REFUSED,
    ),
    _disk("a default left out", before={}, after={"spec": {"virtualDiskName": "linux-vm-root"}}),
    _disk("status", before={}, after={"status": {"phase": "Ready"}}),
    _disk("label", before={}, after={"metadata": manifests.metadata("snapshot", labels={"keep": "true"})}),
    _disk("deleting", before=_GOING, after=_GOING | {"spec": {"virtualDiskName": "other"}}),
    _machine("another machine", before={}, after={"spec": {"virtualMachineName": "other"}}, codes=_REFUSED),
    _machine(
        "another address policy",
        before={},
        after={"spec": {"virtualMachineName": "linux-vm", "keepIPAddress": "Never"}},
        codes=_REFUSED,
    ),
    _machine("defaults left out", before={}, after={"spec": {"virtualMachineName": "linux-vm"}}),
    _machine("status", before={}, after={"status": {"phase": "Ready"}}),
    _machine("deleting", before=_GOING, after=_GOING | {"spec": {"virtualMachineName": "other"}}),
    _operation("another type", after={"spec": {"type": "Stop", "virtualMachineName": "linux-vm"}}, codes=_REFUSED),
    _operation("status of an operation", after={"status": {"phase": "InProgress"}}),
    _copy(
        "another snapshot",
        after={"spec": {"type": "CreateVirtualMachine", "virtualMachineSnapshotName": "other"}},
        codes=_REFUSED,
    ),
    _copy("label of an operation", after={"metadata": manifests.metadata("copy", labels={"keep": "true"})}),
)
