"""The disks that a restore makes: the new ones, and the old ones again."""

from __future__ import annotations

from typing import Any

import msgspec

from webhook.api.reference import owner_reference_to
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_operation import RetainedVolume, VirtualMachineOperation
from webhook.api.vocabulary import DISK_SELECTED_NODE, OPERATION_UID, RETAINED_VOLUME
from webhook.facts.machine_snapshot import SavedDisk
from webhook.planning.bodies import disk_body, worth_keeping
from webhook.reconciler.steps.old_disks import record_of


def new_disk(operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedDisk) -> dict[str, Any]:
    body = disk_body(saved, saved.name, uid=operation.metadata.uid)
    node = _node_of(record_of(operation, saved.name), saved)
    if node:
        body["metadata"]["annotations"][DISK_SELECTED_NODE] = node
    if saved.owned:
        body["metadata"]["ownerReferences"] = [owner_reference_to(VIRTUAL_MACHINE, machine)]
    return body


def old_disk(operation: VirtualMachineOperation, record: RetainedVolume) -> dict[str, Any]:
    """Under its old name and spec, on its old volume. The mark wakes the operation that waits for it."""
    was = described(record)
    marks = {OPERATION_UID: operation.metadata.uid}
    if record.persistent_volume_name:
        marks[RETAINED_VOLUME] = record.persistent_volume_name
    if record.selected_node:
        marks[DISK_SELECTED_NODE] = record.selected_node  # for the next restore
    annotations = worth_keeping(was.get("annotations") or {}) | marks
    metadata = {"name": record.virtual_disk_name, "labels": was.get("labels") or {}, "annotations": annotations}
    if was.get("ownerReferences"):
        metadata["ownerReferences"] = was["ownerReferences"]
    return {"metadata": metadata, "spec": was["spec"]}


def described(record: RetainedVolume) -> dict[str, Any]:
    """What is written down of the disk: labels, annotations, ownerReferences, spec."""
    found: dict[str, Any] = msgspec.json.decode(record.disk)
    return found


def _node_of(record: RetainedVolume | None, saved: SavedDisk) -> str:
    """Where the old volume could be used the new one can, so that it is made before the machine is touched, and not
    when it starts. `""` where nothing tells, or the new volume is of another class, which may not reach that node."""
    if record is None or record.storage_class_name != saved.storage_class:
        return ""
    return record.selected_node
