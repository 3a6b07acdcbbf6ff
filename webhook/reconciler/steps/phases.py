"""Writing the phase of a snapshot, with its conditions, and telling people of the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic

from webhook.api.kind import Kind
from webhook.api.struct import ApiStruct
from webhook.api.virtual_disk_snapshot import Phase
from webhook.findings.finding import Finding
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.status.snapshot import NOTHING_ELSE, Snapshot, Vocabulary, held_up, in_phase, message_of

PENDING_SECONDS: Final = 10.0
"""Between looks at what a snapshot waits for, when nothing else wakes it."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """An Event that goes with a change of status. Without a message it says what the status says."""

    reason: str
    message: str = ""
    warning: bool = False


class Phases(Generic[Snapshot]):
    """Each method is one write and its Event, or nothing when the status says it already."""

    def __init__(self, kind: Kind[Snapshot], vocabulary: Vocabulary, cluster: Cluster) -> None:
        self._kind: Kind[Snapshot] = kind
        self._vocabulary = vocabulary
        self._cluster = cluster

    async def pending(
        self, snapshot: Snapshot, findings: tuple[Finding, ...], announce: Announcement | None = None
    ) -> Progress:
        """Not everything that may clear a finding wakes us (a VolumeSnapshotClass concerns every snapshot there is)."""
        await self._held_up(snapshot, Phase.PENDING, findings, announce)
        return again_after(PENDING_SECONDS)

    async def failed(
        self, snapshot: Snapshot, findings: tuple[Finding, ...], announce: Announcement | None = None
    ) -> Progress:
        return await self._held_up(snapshot, Phase.FAILED, findings, announce)

    async def failed_because(
        self, snapshot: Snapshot, message: str, *, reason: str = "", announce: Announcement | None = None
    ) -> Progress:
        """For failures that are no finding: nothing the author of the request could have known."""
        reason = reason or self._vocabulary.snapshot_failed
        return await self._write(snapshot, Phase.FAILED, None, reason, message, announce=announce)

    async def in_progress(
        self,
        snapshot: Snapshot,
        reason: str,
        message: str = "",
        announce: Announcement | None = None,
        **members: Any,
    ) -> Progress:
        return await self._write(snapshot, Phase.IN_PROGRESS, True, reason, message, members, announce)

    async def ready(self, snapshot: Snapshot, announce: Announcement | None = None, **members: Any) -> Progress:
        return await self._write(snapshot, Phase.READY, True, self._vocabulary.snapshot_ready, "", members, announce)

    async def terminating(self, snapshot: Snapshot) -> Progress:
        return await self._write(snapshot, Phase.TERMINATING, None, "Unknown", "")

    async def tell(self, snapshot: Snapshot, announcement: Announcement, message: str = "") -> None:
        await self._cluster.events.record(
            self._kind,
            snapshot,
            reason=announcement.reason,
            message=announcement.message or message,
            type="Warning" if announcement.warning else "Normal",
        )

    async def _held_up(
        self, snapshot: Snapshot, phase: Phase, findings: tuple[Finding, ...], announce: Announcement | None
    ) -> Progress:
        status = held_up(snapshot, self._vocabulary, phase, findings, self._cluster.clock())
        return await self.set(snapshot, status, message_of(findings), announce)

    async def _write(
        self,
        snapshot: Snapshot,
        phase: Phase,
        source: bool | None,
        reason: str,
        message: str,
        members: Mapping[str, Any] = NOTHING_ELSE,
        announce: Announcement | None = None,
    ) -> Progress:
        status = in_phase(
            snapshot,
            self._vocabulary,
            phase,
            source=source,
            reason=reason,
            message=message,
            now=self._cluster.clock(),
            members=members,
        )
        return await self.set(snapshot, status, message, announce)

    async def set(self, snapshot: Snapshot, status: ApiStruct, message: str, announce: Announcement | None) -> Progress:
        """Any status. `message` is what the announcement says that has none of its own."""
        if await self._cluster.writes.set_status(self._kind, snapshot, status) and announce is not None:
            await self.tell(snapshot, announce, message)
        return SETTLED
