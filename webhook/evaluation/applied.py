"""What `kubectl apply` of a manifest would ask for where its object is there already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from webhook.api.meta import Object
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.facts.facts import Facts
from webhook.facts.request import Operation, Request
from webhook.facts.unfinished import block_of

_APPLIED: Final = frozenset(
    {
        VIRTUAL_DISK,
        VIRTUAL_DISK_SNAPSHOT,
        VIRTUAL_MACHINE_SNAPSHOT,
        VIRTUAL_MACHINE_OPERATION,
        VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
    }
)


def updates(request: Request, facts: Facts) -> Iterator[Request]:
    """The update that the creation amounts to; nothing when the name is free.

    Of manifests only. The API server gives a uid to what it asks about, and asks about an update by itself; what is
    deleted and made anew may still be in the cache.
    """
    created = request.object
    if request.operation is not Operation.CREATE or created is None or not _is_a_manifest(request, created):
        return
    present = facts.get(request.kind, created.metadata.name)
    if present is not None:
        yield msgspec.structs.replace(request, operation=Operation.UPDATE, old_object=present)


def _is_a_manifest(request: Request, created: Object) -> bool:
    metadata = created.metadata
    return request.kind in _APPLIED and bool(metadata.name) and not metadata.uid and _is_about_snapshots(created)


def _is_about_snapshots(created: Object) -> bool:
    match created:
        case VirtualDisk():
            return bool(created.source_snapshot)
        case VirtualMachineOperation():
            return block_of(created) is not None
        case _:
            return True
