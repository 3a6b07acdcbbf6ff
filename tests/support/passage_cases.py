"""Writes, and whether they are judged: the same table for `passage()` and for the conditions in the chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.support.copies import clone, created_from_snapshot
from tests.support.data_exports import data_export
from tests.support.manifests import Json, metadata
from webhook.admission.judged import COLLECTORS, EXECUTORS, Passage
from webhook.api.data_export import DATA_EXPORT, LEGACY_DATA_EXPORT
from webhook.api.kind import Kind
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

NAME: Final = "it"
HOLD: Final = "example.com/hold"
COLLECTOR: Final = min(COLLECTORS - {"system:kube-controller-manager"})
EXECUTOR: Final = max(EXECUTORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageCase:
    """Without `before` a creation, without `after` a deletion. `expected` is None when the write is judged."""

    name: str
    kind: Kind[Any]
    before: Json | None = None
    after: Json | None = None
    user: str = "ann"
    going: bool = False
    """Somebody has deleted it, and a finalizer holds it."""
    cel_refuses: bool = False
    """Before any validating webhook is asked."""
    expected: Passage | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def operation(self) -> str:
        if self.before is None:
            return "CREATE"
        return "DELETE" if self.after is None else "UPDATE"


def _disk(**spec: Any) -> Json:
    return {"metadata": metadata(NAME), "spec": {"persistentVolumeClaim": {"size": "16Mi"}} | spec}


def _source(kind: str) -> Json:
    return {"type": "ObjectRef", "objectRef": {"kind": kind, "name": "source"}}


def _secret(type_: str, value: str = "YQ==") -> Json:
    return {"metadata": metadata(NAME), "type": type_, "data": {"saved": value}}


def _labelled(manifest: Json) -> Json:
    return manifest | {"metadata": manifest["metadata"] | {"labels": {"keep": "true"}}}


def _held(manifest: Json) -> Json:
    return manifest | {"metadata": manifest["metadata"] | {"finalizers": [HOLD]}}


_SNAPSHOT: Final = {"metadata": metadata(NAME), "spec": {"virtualDiskName": "data"}}
_MACHINE_SNAPSHOT: Final = {"metadata": metadata(NAME), "spec": {"virtualMachineName": "linux-vm"}}
_OTHER_SNAPSHOT: Final = {"metadata": metadata(NAME), "spec": {"virtualDiskName": "other"}}
_CLONE: Final = clone(NAME, customization={"namePrefix": "copy-"})
_STOP: Final = {"metadata": metadata(NAME), "spec": {"type": "Stop", "virtualMachineName": "linux-vm"}}
_COPY: Final = created_from_snapshot(NAME, customization={"namePrefix": "copy-"})
_EXPORT: Final = data_export(NAME, disk="data")
_FROM_SNAPSHOT: Final = _disk(dataSource=_source("VirtualDiskSnapshot"))
_FROM_IMAGE: Final = _disk(dataSource=_source("VirtualImage"))
_CONTENT: Final = _secret(SNAPSHOT_SECRET_TYPE)
_OTHER_CONTENT: Final = _secret(SNAPSHOT_SECRET_TYPE, "Yg==")
_OPAQUE: Final = _secret("Opaque")

CREATED: Final = (
    PassageCase(name="new disk snapshot", kind=VIRTUAL_DISK_SNAPSHOT, after=_SNAPSHOT),
    PassageCase(name="new machine snapshot", kind=VIRTUAL_MACHINE_SNAPSHOT, after=_MACHINE_SNAPSHOT),
    PassageCase(name="new operation", kind=VIRTUAL_MACHINE_OPERATION, after=_CLONE),
    PassageCase(name="new operation on a snapshot", kind=VIRTUAL_MACHINE_SNAPSHOT_OPERATION, after=_COPY),
    PassageCase(name="new disk from a snapshot", kind=VIRTUAL_DISK, after=_FROM_SNAPSHOT),
    PassageCase(name="new content", kind=SECRET, after=_CONTENT),
    PassageCase(name="new export", kind=DATA_EXPORT, after=_EXPORT),
    PassageCase(name="new export of the legacy group", kind=LEGACY_DATA_EXPORT, after=_EXPORT),
    PassageCase(name="new disk from an image", kind=VIRTUAL_DISK, after=_FROM_IMAGE, expected=Passage.UNCONCERNED),
    PassageCase(name="new blank disk", kind=VIRTUAL_DISK, after=_disk(), expected=Passage.UNCONCERNED),
    PassageCase(name="new power operation", kind=VIRTUAL_MACHINE_OPERATION, after=_STOP, expected=Passage.UNCONCERNED),
    PassageCase(name="new secret", kind=SECRET, after=_OPAQUE, expected=Passage.UNCONCERNED),
    PassageCase(
        name="new disk of an executor",
        kind=VIRTUAL_DISK,
        after=_FROM_SNAPSHOT,
        user=EXECUTOR,
        expected=Passage.CONTROLLER,
    ),
    PassageCase(
        name="new content of an executor", kind=SECRET, after=_CONTENT, user=EXECUTOR, expected=Passage.CONTROLLER
    ),
    PassageCase(name="new content of a collector", kind=SECRET, after=_CONTENT, user=COLLECTOR),
)

UPDATED: Final = (
    PassageCase(
        name="other spec of a snapshot",
        kind=VIRTUAL_DISK_SNAPSHOT,
        before=_SNAPSHOT,
        after=_OTHER_SNAPSHOT,
        cel_refuses=True,
    ),
    PassageCase(
        name="label of a snapshot",
        kind=VIRTUAL_DISK_SNAPSHOT,
        before=_SNAPSHOT,
        after=_labelled(_SNAPSHOT),
        expected=Passage.UNCHANGED,
    ),
    PassageCase(
        name="label of an operation",
        kind=VIRTUAL_MACHINE_OPERATION,
        before=_CLONE,
        after=_labelled(_CLONE),
        expected=Passage.UNCHANGED,
    ),
    PassageCase(
        name="last finalizer of a snapshot",
        kind=VIRTUAL_DISK_SNAPSHOT,
        before=_held(_SNAPSHOT),
        after=_SNAPSHOT,
        going=True,
        expected=Passage.DELETING,
    ),
    PassageCase(
        name="size of a disk",
        kind=VIRTUAL_DISK,
        before=_disk(),
        after=_disk(persistentVolumeClaim={"size": "32Mi"}),
    ),
    PassageCase(name="source of a disk", kind=VIRTUAL_DISK, before=_FROM_IMAGE, after=_FROM_SNAPSHOT),
    PassageCase(name="source of a disk taken away", kind=VIRTUAL_DISK, before=_FROM_IMAGE, after=_disk()),
    PassageCase(
        name="storage class of a disk",
        kind=VIRTUAL_DISK,
        before=_FROM_SNAPSHOT,
        after=_FROM_SNAPSHOT
        | {"spec": _FROM_SNAPSHOT["spec"] | {"persistentVolumeClaim": {"size": "16Mi", "storageClassName": "other"}}},
        expected=Passage.UNCHANGED,
    ),
    PassageCase(
        name="label of a disk",
        kind=VIRTUAL_DISK,
        before=_FROM_SNAPSHOT,
        after=_labelled(_FROM_SNAPSHOT),
        expected=Passage.UNCHANGED,
    ),
    PassageCase(
        name="size of a disk on its way out",
        kind=VIRTUAL_DISK,
        before=_held(_disk()),
        after=_held(_disk(persistentVolumeClaim={"size": "32Mi"})),
        going=True,
        expected=Passage.DELETING,
    ),
    PassageCase(name="content changed", kind=SECRET, before=_CONTENT, after=_OTHER_CONTENT),
    PassageCase(
        name="label of content",
        kind=SECRET,
        before=_CONTENT,
        after=_labelled(_CONTENT),
        expected=Passage.UNCHANGED,
    ),
    PassageCase(
        name="content changed by an executor",
        kind=SECRET,
        before=_CONTENT,
        after=_OTHER_CONTENT,
        user=EXECUTOR,
        expected=Passage.CONTROLLER,
    ),
    PassageCase(
        name="secret changed",
        kind=SECRET,
        before=_OPAQUE,
        after=_secret("Opaque", "Yg=="),
        expected=Passage.UNCONCERNED,
    ),
)

DELETED: Final = (
    PassageCase(name="snapshot deleted", kind=VIRTUAL_DISK_SNAPSHOT, before=_SNAPSHOT),
    PassageCase(name="operation deleted", kind=VIRTUAL_MACHINE_OPERATION, before=_CLONE),
    PassageCase(
        name="power operation deleted", kind=VIRTUAL_MACHINE_OPERATION, before=_STOP, expected=Passage.UNCONCERNED
    ),
    PassageCase(name="content deleted", kind=SECRET, before=_CONTENT),
    PassageCase(name="secret deleted", kind=SECRET, before=_OPAQUE, expected=Passage.UNCONCERNED),
    PassageCase(name="content collected", kind=SECRET, before=_CONTENT, user=COLLECTOR, expected=Passage.CONTROLLER),
    PassageCase(
        name="content deleted by an executor",
        kind=SECRET,
        before=_CONTENT,
        user=EXECUTOR,
        expected=Passage.CONTROLLER,
    ),
    PassageCase(
        name="snapshot deleted again",
        kind=VIRTUAL_DISK_SNAPSHOT,
        before=_held(_SNAPSHOT),
        going=True,
        expected=Passage.DELETING,
    ),
    PassageCase(
        name="content deleted again",
        kind=SECRET,
        before=_held(_CONTENT),
        going=True,
        expected=Passage.DELETING,
    ),
)

PASSAGE_CASES: Final = (*CREATED, *UPDATED, *DELETED)
