"""What is found about an edit of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.support import manifests
from tests.support.cases import Case
from tests.support.manifests import Json
from tests.support.requests import update
from webhook.api.kind import Kind
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
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
)
