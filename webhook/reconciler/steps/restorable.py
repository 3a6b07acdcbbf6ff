"""Telling people whether a machine could be restored from a snapshot, without wearing out the API server."""

from __future__ import annotations

from typing import Final
from zlib import crc32

import msgspec

from webhook.api.meta import Condition
from webhook.api.virtual_machine_snapshot import (
    VIRTUAL_MACHINE_SNAPSHOT,
    ConditionType,
    EventReason,
    RestorableReason,
    VirtualMachineSnapshot,
)
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.pace import Pace
from webhook.reconciler.progress import Progress, again_after
from webhook.reconciler.status.conditions import with_condition
from webhook.reconciler.status.restorable import Restorability, restorability, told_restorability

LOOK_AGAIN_SECONDS: Final = 320.0
"""Not everything that a restore depends on wakes the snapshots that it concerns: no address, Secret or disk does."""
WRITES_PER_SECOND: Final = 5.0
BURST: Final = 20
"""An image that a thousand snapshots need may go: what people did must not wait behind what we tell them of it."""

_EVENTS: Final = {
    RestorableReason.RESTORABLE: EventReason.RESTORABLE,
    RestorableReason.WITH_LOSSES: EventReason.RESTORABLE_WITH_LOSSES,
}


class Restorable:
    """The condition of ready snapshots; an Event goes with each change of it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pace = Pace(per_second=WRITES_PER_SECOND, burst=BURST)

    async def tell(self, snapshot: VirtualMachineSnapshot) -> Progress:
        judged = restorability(snapshot, self._cluster.source, self._cluster.policy())
        told = told_restorability(snapshot)
        if judged.is_told_by(told):
            self._pace.give_up(snapshot.metadata.uid)
        else:
            wait = self._pace.wait_seconds(snapshot.metadata.uid, self._cluster.clock())
            if wait > 0:
                return again_after(wait)
            await self._write(snapshot, judged, told)
        return again_after(LOOK_AGAIN_SECONDS * (1 + position(snapshot) / 2))

    async def _write(self, snapshot: VirtualMachineSnapshot, judged: Restorability, told: Condition | None) -> None:
        conditions = with_condition(
            snapshot.status.conditions,
            type=ConditionType.RESTORABLE,
            status=judged.restorable,
            reason=judged.reason,
            message=judged.message,
            generation=snapshot.metadata.generation,
            now=self._cluster.clock(),
        )
        status = msgspec.structs.replace(snapshot.status, conditions=conditions)
        written = await self._cluster.writes.set_status(VIRTUAL_MACHINE_SNAPSHOT, snapshot, status)
        if written and _is_news(judged, told):
            await self._announce(snapshot, judged)

    async def _announce(self, snapshot: VirtualMachineSnapshot, judged: Restorability) -> None:
        machine = snapshot.spec.virtual_machine_name
        await self._cluster.events.record(
            VIRTUAL_MACHINE_SNAPSHOT,
            snapshot,
            reason=_EVENTS[RestorableReason(judged.reason)] if judged.restorable else EventReason.NOT_RESTORABLE,
            message=judged.message or f"VirtualMachine {machine} can be restored from it",
            type="Normal" if judged.reason == RestorableReason.RESTORABLE else "Warning",
        )


def position(snapshot: VirtualMachineSnapshot) -> float:
    """In [0, 1), another for each snapshot and always the same: what became due together is spread by it."""
    return crc32(snapshot.metadata.uid.encode()) / 2**32


def _is_news(judged: Restorability, told: Condition | None) -> bool:
    """That a new snapshot is good is what everybody expects; and a change of words is none of the state."""
    if told is None:
        return judged.reason != RestorableReason.RESTORABLE and judged.restorable is not None
    return judged.restorable is not None and judged.reason != told.reason
