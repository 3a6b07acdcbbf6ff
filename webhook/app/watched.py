"""What each process keeps in its cache."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw

from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS
from webhook.facts.indexes import INDEXES
from webhook.facts.source import Index
from webhook.inventory.projection import without_last_applied
from webhook.inventory.watched import Watched


def machine_to_keep(machine: VirtualMachine) -> VirtualMachine:
    """That changes are pending is all that is asked. A Raw is a view that keeps the whole watch message alive."""
    machine = without_last_applied(machine)
    changes = machine.status.restart_awaiting_changes
    if not changes:
        return machine
    status = msgspec.structs.replace(machine.status, restart_awaiting_changes=(Raw(b"{}"),) * len(changes))
    return msgspec.structs.replace(machine, status=status)


FOR_DECISIONS: Final[tuple[Watched[Any], ...]] = (
    Watched(VIRTUAL_MACHINE, project=machine_to_keep),
    Watched(VIRTUAL_DISK),
    Watched(PERSISTENT_VOLUME_CLAIM),
    Watched(STORAGE_CLASS),
    Watched(VOLUME_SNAPSHOT_CLASS),
)

FOR_EXECUTION: Final[tuple[Watched[Any], ...]] = (
    *FOR_DECISIONS,
    Watched(VIRTUAL_DISK_SNAPSHOT),
    Watched(VIRTUAL_MACHINE_SNAPSHOT),
    Watched(VOLUME_SNAPSHOT),
    Watched(SECRET, field_selector=f"type={SNAPSHOT_SECRET_TYPE}"),
)


def indexes_over(watched: tuple[Watched[Any], ...]) -> tuple[Index[Any], ...]:
    kinds = {each.kind.name for each in watched}
    return tuple(index for index in INDEXES if index.kind.name in kinds)
