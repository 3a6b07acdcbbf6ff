"""Freezing a guest and giving it back.

The claim is written to the snapshot before the guest is asked, and closed after it was thawed: whoever comes after a
crash finds it and knows what to undo. The guest also thaws by itself at the claim's deadline (`unfreezeTimeout` of the
platform's API), so that no crash of ours leaves it standing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Generic

import msgspec
import structlog

from webhook.api.freeze import FreezeStatus
from webhook.api.kind import Kind
from webhook.api.reference import reference_to
from webhook.facts.machine import Machine
from webhook.findings.finding import Finding
from webhook.findings.snapshots import CONSISTENCY_UNAVAILABLE
from webhook.kube.errors import ApiError, UnreachableError
from webhook.machines.driver import FreezeRefusedError
from webhook.reconciler.clock import parse_time, precise_time
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.status.snapshot import Snapshot
from webhook.reconciler.steps.phases import Announcement, Phases
from webhook.reconciler.stillness import holds, other_claims
from webhook.rules.consistency import CONSISTENCY_FIELD

CHECK_SECONDS: Final = 1.0
"""The machine's condition wakes us; this is for the case that what was asked for did not come about."""
THAW_GRACE_SECONDS: Final = 10.0
"""Past its deadline the guest has thawed by itself; a condition that still says otherwise then is stale."""
FREEZING: Final = "FileSystemFreezing"

_log = structlog.get_logger(__name__)


class Freezing(Generic[Snapshot]):
    """Freezes that snapshots of one kind hold."""

    def __init__(
        self,
        kind: Kind[Snapshot],
        phases: Phases[Snapshot],
        cluster: Cluster,
        *,
        thawed: Announcement | None = None,
    ) -> None:
        """`thawed` is told whenever a claim of this kind was given back."""
        self._announce_thaw = thawed
        self._kind: Kind[Snapshot] = kind
        self._phases: Phases[Snapshot] = phases
        self._cluster = cluster

    async def hold(self, snapshot: Snapshot, machine: Machine) -> Progress | Finding | None:
        """One step towards a frozen guest. None: it is frozen. A finding: it cannot be frozen."""
        claim = snapshot.status.freeze
        if claim is None or not claim.outstanding:
            return await self._claim(snapshot, machine, attempts=claim.attempt if claim else 0)
        now, deadline = self._cluster.clock(), parse_time(claim.deadline)
        if now >= deadline or machine.powered_off:
            return await self.give_back(snapshot, machine)
        if machine.filesystem_frozen:
            return again_after(CHECK_SECONDS) if self._thawing(machine) else None
        self._cluster.thawing.discard(_key(machine))
        try:
            await self._cluster.machines.freeze(*_key(machine), seconds=(deadline - now).total_seconds())
        except FreezeRefusedError as refusal:
            grace = timedelta(seconds=self._cluster.settings.freeze_refusal_grace_seconds)
            if now >= parse_time(claim.requested_at) + grace:
                return self._cannot_freeze(snapshot, f"{machine.reference} refuses to freeze: {refusal}")
        return again_after(CHECK_SECONDS)

    async def thaw(self, snapshot: Snapshot, machine: Machine | None) -> Progress | None:
        """Thaw the guest unless another snapshot needs it frozen. None: nothing of this snapshot keeps it frozen.

        The claim stays open: it marks what was cut under it as not to be trusted, until that is thrown away.
        """
        claim = snapshot.status.freeze
        if claim is None or not claim.outstanding:
            return None
        if machine is None:
            return None  # gone, and its guest with it
        return None if await self._thawed(claim, machine, snapshot.metadata.uid) else again_after(CHECK_SECONDS)

    async def give_back(self, snapshot: Snapshot, machine: Machine | None) -> Progress | None:
        """Thaw, and close the claim. None when there is no claim to give back.

        Closing comes last: a crash between the two thaws once more, which harms nobody, while an open claim that nobody
        looks after would.
        """
        claim = snapshot.status.freeze
        if claim is None or not claim.outstanding:
            return None
        # Two that give back at once would each take the other for the one that still needs the guest frozen.
        async with self._cluster.claims.hold(snapshot.metadata.namespace, claim.virtual_machine_name):
            thawing = await self.thaw(snapshot, machine)
            return thawing if thawing is not None else await self._close(snapshot, claim)

    async def _close(self, snapshot: Snapshot, claim: FreezeStatus) -> Progress:
        now = self._cluster.clock()
        closed = msgspec.structs.replace(claim, thawed_at=precise_time(now))
        status = msgspec.structs.replace(snapshot.status, freeze=closed)
        await self._phases.set(snapshot, status, "", self._announce_thaw)
        self._cluster.freezes.thawed((now - parse_time(claim.requested_at)).total_seconds())
        return SETTLED

    def until_deadline(self, claim: FreezeStatus | None) -> Progress:
        """No event tells that a freeze has run out when the watch is behind, or the guest still is frozen."""
        if claim is None or not claim.outstanding:
            return SETTLED
        left = (parse_time(claim.deadline) - self._cluster.clock()).total_seconds()
        return again_after(max(left, CHECK_SECONDS))

    async def _claim(self, snapshot: Snapshot, machine: Machine, *, attempts: int) -> Progress | Finding:
        """The next claim of this snapshot. It never outlasts one that another snapshot already has on the machine:
        whichever of the two freezes first sets the time at which the guest thaws."""
        if attempts >= self._cluster.settings.freeze_attempts:
            return self._cannot_freeze(
                snapshot, f"not everything was cut in time in {attempts} freezes of {machine.reference}"
            )
        now = self._cluster.clock()
        others = tuple(self._other_claims(machine, snapshot.metadata.uid))
        holding: list[datetime] = [parse_time(other.deadline) for other in others if holds(other, now)]
        if machine.filesystem_frozen and not holding:
            if others or self._thawing(machine):
                return again_after(CHECK_SECONDS)
            return await self._phases.in_progress(
                snapshot, FREEZING, f"{machine.reference} is frozen, but not by a snapshot; waiting for its thaw"
            )
        deadline = min([now + timedelta(seconds=self._cluster.settings.freeze_deadline_seconds), *holding])
        claim = FreezeStatus(
            attempt=attempts + 1,
            virtual_machine_name=machine.name,
            requested_at=precise_time(now),
            deadline=precise_time(deadline),
        )
        return await self._phases.in_progress(snapshot, FREEZING, freeze=claim)

    async def _thawed(self, claim: FreezeStatus, machine: Machine, uid: str) -> bool:
        """Whether this claim no longer keeps the machine frozen."""
        key, now = _key(machine), self._cluster.clock()
        if not self._thawing(machine) and any(holds(other, now) for other in self._other_claims(machine, uid)):
            return True
        if machine.powered_off or (self._thawing(machine) and not machine.filesystem_frozen):
            self._cluster.thawing.discard(key)
            return True
        overdue = now >= parse_time(claim.deadline) + timedelta(seconds=THAW_GRACE_SECONDS)
        if machine.filesystem_frozen:
            self._cluster.thawing.add(key)
        try:
            await self._cluster.machines.thaw(*key)  # also unseen: a freeze that was asked for may have come about
        except (ApiError, UnreachableError) as error:
            if not overdue:
                raise
            _log.warning("thaw refused, the guest's own deadline has passed", machine=machine.name, error=str(error))
        return overdue or not machine.filesystem_frozen

    def _thawing(self, machine: Machine) -> bool:
        return _key(machine) in self._cluster.thawing

    def _other_claims(self, machine: Machine, uid: str) -> Iterator[FreezeStatus]:
        return other_claims(self._cluster.source, machine, uid)

    def _cannot_freeze(self, snapshot: Snapshot, message: str) -> Finding:
        return CONSISTENCY_UNAVAILABLE.found(
            subject=reference_to(self._kind, snapshot),
            field=CONSISTENCY_FIELD,
            message=message,
            remedy="stop the machine, or set requiredConsistency: false in a new snapshot",
        )


def _key(machine: Machine) -> tuple[str, str]:
    return machine.reference.namespace, machine.name
