"""Freezing a guest and giving it back.

The claim is written to the snapshot before the guest is asked, and closed after it was thawed: whoever comes after a
crash finds it and knows what to undo. The guest also thaws by itself at the claim's deadline (`unfreezeTimeout` of the
platform's API), so that no crash of ours leaves it standing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Generic

import msgspec

from webhook.api.freeze import FreezeStatus
from webhook.api.kind import Kind
from webhook.api.reference import reference_to
from webhook.facts.machine import Machine
from webhook.findings.catalogue import CONSISTENCY_UNAVAILABLE
from webhook.findings.finding import Finding
from webhook.machines.driver import FreezeRefusedError
from webhook.reconciler.clock import parse_time, precise_time
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.status.snapshot import Snapshot
from webhook.reconciler.steps.phases import Phases
from webhook.reconciler.stillness import other_claims
from webhook.rules.consistency import CONSISTENCY_FIELD

CHECK_SECONDS: Final = 1.0
"""The machine's condition wakes us; this is for the case that what was asked for did not come about."""
THAW_GRACE_SECONDS: Final = 10.0
"""Past its deadline the guest has thawed by itself; a condition that still says otherwise then is stale."""
FREEZING: Final = "FileSystemFreezing"


class Freezing(Generic[Snapshot]):
    """Freezes that snapshots of one kind hold."""

    def __init__(self, kind: Kind[Snapshot], phases: Phases[Snapshot], cluster: Cluster) -> None:
        self._kind = kind
        self._phases = phases
        self._cluster = cluster

    async def hold(self, snapshot: Snapshot, machine: Machine) -> Progress | Finding | None:
        """One step towards a frozen guest. None: it is frozen. A finding: it cannot be frozen."""
        claim = snapshot.status.freeze
        if claim is None or not claim.outstanding:
            return await self._claim(snapshot, machine, attempts=claim.attempt if claim else 0)
        now, deadline = self._cluster.clock(), parse_time(claim.deadline)
        if now >= deadline:
            return await self.give_back(snapshot, machine)
        if machine.filesystem_frozen:
            return again_after(CHECK_SECONDS) if _key(machine) in self._cluster.thawing else None
        self._cluster.thawing.discard(_key(machine))
        try:
            await self._cluster.machines.freeze(*_key(machine), seconds=(deadline - now).total_seconds())
        except FreezeRefusedError as refusal:
            grace = timedelta(seconds=self._cluster.settings.freeze_refusal_grace_seconds)
            if now >= parse_time(claim.requested_at) + grace:
                return self._cannot_freeze(snapshot, f"{machine.reference} refuses to freeze: {refusal}")
        return again_after(CHECK_SECONDS)

    async def give_back(self, snapshot: Snapshot, machine: Machine | None) -> Progress | None:
        """Thaw the guest unless another snapshot needs it frozen; close the claim once it is seen thawed.

        None when there is no claim to give back. Closing comes last: a crash between the two thaws once more, which
        harms nobody, while an open claim that nobody looks after would.
        """
        claim = snapshot.status.freeze
        if claim is None or not claim.outstanding:
            return None
        if machine is not None and not await self._thawed(claim, machine, snapshot.metadata.uid):
            return again_after(CHECK_SECONDS)
        now = self._cluster.clock()
        closed = msgspec.structs.replace(claim, thawed_at=precise_time(now))
        await self._cluster.writes.set_status(
            self._kind, snapshot, msgspec.structs.replace(snapshot.status, freeze=closed)
        )
        self._cluster.freezes.thawed((now - parse_time(claim.requested_at)).total_seconds())
        return SETTLED

    async def _claim(self, snapshot: Snapshot, machine: Machine, *, attempts: int) -> Progress | Finding:
        """The next claim of this snapshot. It never outlasts a freeze that another snapshot already holds."""
        if attempts >= self._cluster.settings.freeze_attempts:
            return self._cannot_freeze(
                snapshot, f"the storage did not cut in time in {attempts} freezes of {machine.reference}"
            )
        now = self._cluster.clock()
        deadlines = [now + timedelta(seconds=self._cluster.settings.freeze_deadline_seconds)]
        if machine.filesystem_frozen:
            others = tuple(other_claims(self._cluster.source, machine, snapshot.metadata.uid))
            if not others:
                return await self._phases.in_progress(
                    snapshot, FREEZING, f"{machine.reference} is frozen, but not by a snapshot; waiting for its thaw"
                )
            deadlines += [parse_time(other.deadline) for other in others]
        claim = FreezeStatus(
            attempt=attempts + 1, requested_at=precise_time(now), deadline=precise_time(min(deadlines))
        )
        return await self._phases.in_progress(snapshot, FREEZING, freeze=claim)

    async def _thawed(self, claim: FreezeStatus, machine: Machine, uid: str) -> bool:
        """Whether this claim no longer keeps the machine frozen."""
        key, thawing = _key(machine), self._cluster.thawing
        if key not in thawing and any(other_claims(self._cluster.source, machine, uid)):
            return True
        if not machine.filesystem_frozen:
            if key not in thawing:
                await self._cluster.machines.thaw(*key)  # a freeze that was asked for may have come about unseen
            thawing.discard(key)
            return True
        thawing.add(key)
        await self._cluster.machines.thaw(*key)
        return self._cluster.clock() >= parse_time(claim.deadline) + timedelta(seconds=THAW_GRACE_SECONDS)

    def _cannot_freeze(self, snapshot: Snapshot, message: str) -> Finding:
        return CONSISTENCY_UNAVAILABLE.found(
            subject=reference_to(self._kind, snapshot),
            field=CONSISTENCY_FIELD,
            message=message,
            remedy="stop the machine, or set requiredConsistency: false in a new snapshot",
        )


def _key(machine: Machine) -> tuple[str, str]:
    return machine.reference.namespace, machine.name
