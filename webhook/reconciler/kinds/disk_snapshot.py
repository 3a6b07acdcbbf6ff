"""VirtualDiskSnapshot: freeze if need be, let the storage cut, thaw, say so."""

from __future__ import annotations

from typing import Final

from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.virtual_disk_snapshot import VirtualDiskSnapshotReadyReason as Reason
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.vocabulary import DISK_SNAPSHOT_CLEANUP
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VolumeSnapshot
from webhook.evaluation.evaluate import evaluate
from webhook.facts.facts import Facts
from webhook.facts.request import Operation, Request
from webhook.findings.finding import Finding
from webhook.reconciler.clock import parse_time
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.kinds.disk_snapshot_view import DiskSnapshotView, view_of
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.status.snapshot import DISK
from webhook.reconciler.steps import disk_claim, volume_snapshot
from webhook.reconciler.steps.confirmation import live_standstills
from webhook.reconciler.steps.freeze import CHECK_SECONDS, Freezing
from webhook.reconciler.steps.phases import Phases
from webhook.reconciler.stillness import machines_with, standstill_of

IN_USE_CHECK_SECONDS: Final = 5.0


class DiskSnapshots:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._phases = Phases(VIRTUAL_DISK_SNAPSHOT, DISK, cluster)
        self._freezing = Freezing(VIRTUAL_DISK_SNAPSHOT, self._phases, cluster)

    async def reconcile(self, namespace: str, name: str) -> Progress:
        snapshot = self._cluster.source.get(VIRTUAL_DISK_SNAPSHOT, namespace, name)
        if snapshot is None:
            return SETTLED
        view = view_of(snapshot, self._cluster)
        if snapshot.metadata.deleting:
            return await self._dismantle(view)
        match snapshot.status.phase:
            case Phase.READY:
                return await self._watch_over(view)
            case Phase.FAILED:
                return await self._freezing.give_back(snapshot, view.machine) or SETTLED
            case Phase.IN_PROGRESS:
                return await self._take(view)
            case _:
                return await self._begin(view)

    async def _begin(self, view: DiskSnapshotView) -> Progress:
        """Part of a machine's snapshot is not judged again: the machine was, and stands frozen for it now."""
        snapshot, metadata = view.snapshot, view.snapshot.metadata
        if view.abandoned:
            return SETTLED
        if DISK_SNAPSHOT_CLEANUP not in metadata.finalizers:
            await self._cluster.writes.set_finalizers(
                VIRTUAL_DISK_SNAPSHOT, snapshot, (*metadata.finalizers, DISK_SNAPSHOT_CLEANUP)
            )
            return SETTLED
        if view.parent is None:
            request = Request(Operation.CREATE, VIRTUAL_DISK_SNAPSHOT, metadata.namespace, snapshot)
            evaluation = evaluate(request, self._cluster.source, self._cluster.policy_for(snapshot.status.phase))
            if evaluation.denied:
                return await self._phases.failed(snapshot, evaluation.denials)
            if evaluation.waits:
                return await self._phases.pending(snapshot, evaluation.waits)
        return await self._phases.in_progress(snapshot, Reason.SNAPSHOTTING)

    async def _take(self, view: DiskSnapshotView) -> Progress:
        snapshot, volume = view.snapshot, view.volume
        if volume is None:
            return await self._cut(view)
        if not volume_snapshot.belongs_to(volume, snapshot):
            return await self._phases.failed_because(
                snapshot, f"VolumeSnapshot {volume.metadata.name} exists and belongs to something else"
            )
        if volume.metadata.deleting:
            await volume_snapshot.remove(volume, self._cluster.writes)
            return SETTLED
        if view.required and not snapshot.status.consistent and not view.still(self._cluster.clock()):
            return await self._cut_again(view, volume)
        return await self._finish(view, volume) if volume.cut else await self._wait_for_the_cut(view, volume)

    async def _cut(self, view: DiskSnapshotView) -> Progress:
        """Create the VolumeSnapshot as soon as nothing writes to the disk any more."""
        if view.snapshot.status.consistent:  # what was, is gone; what is cut instead has to show it anew
            return await self._phases.in_progress(view.snapshot, Reason.SNAPSHOTTING, consistent=False)
        lost = view.what_is_lost()
        if lost is not None:
            return await self._phases.failed(view.snapshot, (lost,))
        still = view.still(self._cluster.clock())
        if view.required and not still:
            return await self._wait_until_still(view)
        source, namespace = self._cluster.source, view.snapshot.metadata.namespace
        disk = source.get(VIRTUAL_DISK, namespace, view.snapshot.spec.virtual_disk_name)
        claim = disk_claim.claim_of(disk, source) if disk is not None else None
        if disk is None or claim is None:
            return SETTLED
        names = machines_with(disk, view.machine_name)
        standstills = {name: standstill_of(source.get(VIRTUAL_MACHINE, namespace, name)) for name in names}
        body = volume_snapshot.volume_snapshot_for(
            view.snapshot, disk, claim, source, standstills=standstills if still else None
        )
        await self._cluster.writes.create(VOLUME_SNAPSHOT, namespace, body)
        return SETTLED

    async def _wait_until_still(self, view: DiskSnapshotView) -> Progress:
        if view.abandoned:
            return SETTLED
        if view.shared:
            return await self._phases.failed(view.snapshot, (view.sharing(),))
        if view.parent is not None:
            return await self._follow_the_parent(view)
        if view.machine is None:
            return await self._freezing.give_back(view.snapshot, None) or SETTLED
        held = await self._freezing.hold(view.snapshot, view.machine)
        if isinstance(held, Finding):
            return await self._phases.failed(view.snapshot, (held,))
        return held or again_after(CHECK_SECONDS)

    async def _wait_for_the_cut(self, view: DiskSnapshotView, volume: VolumeSnapshot) -> Progress:
        error = volume.status.error
        message = f"the storage reports: {error.message}" if error is not None else ""
        if view.freeze is not None and view.freeze.outstanding:
            await self._phases.in_progress(view.snapshot, Reason.SNAPSHOTTING, message)
            return self._freezing.until_deadline(view.freeze)
        deadline = self._cluster.settings.cut_deadline_seconds
        waited = (self._cluster.clock() - parse_time(volume.metadata.creation_timestamp)).total_seconds()
        if waited >= deadline:
            told = message or "the storage did not answer"
            return await self._phases.failed_because(view.snapshot, f"not cut within {deadline:.0f} s; {told}")
        await self._phases.in_progress(view.snapshot, Reason.SNAPSHOTTING, message)
        return again_after(deadline - waited)

    async def _cut_again(self, view: DiskSnapshotView, volume: VolumeSnapshot) -> Progress:
        """What was cut while something may have been writing is thrown away, and only then the claim is closed: without
        it the next pass, should the machine be off by then, would take what is there for good."""
        if view.parent is not None:
            return await self._follow_the_parent(view)
        thawing = await self._freezing.thaw(view.snapshot, view.machine)
        if thawing is not None:
            return thawing
        await volume_snapshot.remove(volume, self._cluster.writes)
        return SETTLED

    async def _follow_the_parent(self, view: DiskSnapshotView) -> Progress:
        """The machine's snapshot freezes, thaws and starts again for all of its disks."""
        if view.parent_goes_on:
            return SETTLED
        return await self._phases.failed_because(
            view.snapshot, "the snapshot of the machine failed", reason=Reason.POTENTIALLY_INCONSISTENT
        )

    async def _finish(self, view: DiskSnapshotView, volume: VolumeSnapshot) -> Progress:
        asked_while_still = view.required or volume_snapshot.standstills_at_request(volume) is not None
        if not view.snapshot.status.consistent and asked_while_still and view.still(self._cluster.clock()):
            return await self._confirm(view, volume)
        if view.required and not view.snapshot.status.consistent:
            return again_after(0)  # the freeze ran out between two looks at the clock
        return await self._conclude(view, volume)

    async def _confirm(self, view: DiskSnapshotView, volume: VolumeSnapshot) -> Progress:
        """Cut, and nothing was writing, if the cache is to be believed."""
        snapshot = view.snapshot
        namespace, disk_name = snapshot.metadata.namespace, snapshot.spec.virtual_disk_name
        standstills = await live_standstills(namespace, disk_name, view.machine_name, view.freeze, self._cluster)
        if standstills is None:
            return again_after(CHECK_SECONDS)
        if standstills == volume_snapshot.standstills_at_request(volume):
            return await self._phases.in_progress(snapshot, Reason.SNAPSHOTTING, consistent=True)
        if not view.required:
            return await self._conclude(view, volume)
        await volume_snapshot.remove(volume, self._cluster.writes)  # another standstill, and writing before it
        return SETTLED

    async def _conclude(self, view: DiskSnapshotView, volume: VolumeSnapshot) -> Progress:
        thawing = await self._freezing.give_back(view.snapshot, view.machine)
        if thawing is not None:
            return thawing
        if not volume.status.ready_to_use:
            return await self._phases.in_progress(view.snapshot, Reason.SNAPSHOTTING, "the storage copies the data")
        return await self._phases.ready(view.snapshot, volume_snapshot_name=volume.metadata.name)

    async def _watch_over(self, view: DiskSnapshotView) -> Progress:
        if view.volume is not None and volume_snapshot.holds_data_of(view.volume, view.snapshot):
            return SETTLED
        name = view.snapshot.status.volume_snapshot_name
        return await self._phases.failed_because(
            view.snapshot, f"VolumeSnapshot {name} with the data is gone", reason=Reason.VOLUME_SNAPSHOT_LOST
        )

    async def _dismantle(self, view: DiskSnapshotView) -> Progress:
        """Thaw, remove the data, let go: in this order, and again from wherever a crash left it."""
        snapshot, writes = view.snapshot, self._cluster.writes
        if DISK_SNAPSHOT_CLEANUP not in snapshot.metadata.finalizers:
            return SETTLED
        thawing = await self._freezing.give_back(snapshot, view.machine)
        if thawing is not None:
            return thawing
        if snapshot.status.phase != Phase.TERMINATING:
            return await self._phases.terminating(snapshot)
        if self._still_needed(snapshot):
            return again_after(IN_USE_CHECK_SECONDS)
        if view.volume is not None and volume_snapshot.belongs_to(view.volume, snapshot):
            await volume_snapshot.remove(view.volume, writes)
        elif view.volume is None and await volume_snapshot.exists_unseen(snapshot, writes):
            return again_after(CHECK_SECONDS)
        kept = [each for each in snapshot.metadata.finalizers if each != DISK_SNAPSHOT_CLEANUP]
        await writes.set_finalizers(VIRTUAL_DISK_SNAPSHOT, snapshot, kept)
        return SETTLED

    def _still_needed(self, snapshot: VirtualDiskSnapshot) -> bool:
        """A disk is being made of its data. Admission refuses people; garbage collection gets as far as here."""
        facts = Facts(self._cluster.source, snapshot.metadata.namespace)
        return not facts.namespace_terminating and any(facts.users_of_disk_snapshot(snapshot))
