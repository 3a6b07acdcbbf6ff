"""VirtualMachineSnapshot: save the settings, freeze once, have every disk cut, thaw, say so."""

from __future__ import annotations

from typing import Final

from webhook.api.virtual_disk_snapshot import Phase
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, EventReason, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshotReadyReason as Reason
from webhook.api.vocabulary import MACHINE_SNAPSHOT_PROTECTION
from webhook.content.names import child_snapshot_name, snapshot_secret_name
from webhook.evaluation.evaluate import evaluate
from webhook.facts.request import Operation, Request
from webhook.findings.finding import Finding
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.kinds.machine_snapshot_view import MachineSnapshotView, view_of
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.status.snapshot import MACHINE
from webhook.reconciler.steps.children import create_children, delete_children
from webhook.reconciler.steps.content import MissingError, save_content
from webhook.reconciler.steps.freeze import CHECK_SECONDS, Freezing
from webhook.reconciler.steps.phases import Announcement, Phases
from webhook.reconciler.steps.restorable import Restorable

_FAILED: Final = Announcement(EventReason.FAILED, warning=True)


class MachineSnapshots:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._phases = Phases(VIRTUAL_MACHINE_SNAPSHOT, MACHINE, cluster)
        thawed = Announcement(EventReason.THAWED, "the guest is not held frozen any more")
        self._freezing = Freezing(VIRTUAL_MACHINE_SNAPSHOT, self._phases, cluster, thawed=thawed)
        self._restorable = Restorable(cluster)

    async def reconcile(self, namespace: str, name: str) -> Progress:
        snapshot = self._cluster.source.get(VIRTUAL_MACHINE_SNAPSHOT, namespace, name)
        if snapshot is None:
            return SETTLED
        view = view_of(snapshot, self._cluster)
        if snapshot.metadata.deleting:
            return await self._dismantle(view)
        match snapshot.status.phase:
            case Phase.READY:
                return await self._watch_over(view)
            case Phase.FAILED:
                return await self._let_go(view)
            case Phase.IN_PROGRESS:
                return await self._take(view)
            case _:
                return await self._begin(view)

    async def _begin(self, view: MachineSnapshotView) -> Progress:
        snapshot, metadata = view.snapshot, view.snapshot.metadata
        if MACHINE_SNAPSHOT_PROTECTION not in metadata.finalizers:
            await self._cluster.writes.set_finalizers(
                VIRTUAL_MACHINE_SNAPSHOT, snapshot, (*metadata.finalizers, MACHINE_SNAPSHOT_PROTECTION)
            )
            return SETTLED
        request = Request(Operation.CREATE, VIRTUAL_MACHINE_SNAPSHOT, metadata.namespace, snapshot)
        evaluation = evaluate(request, self._cluster.source, self._cluster.policy_for(snapshot.status.phase))
        if evaluation.denied:
            return await self._fail(view, evaluation.denials)
        if evaluation.waits:
            return await self._phases.pending(snapshot, evaluation.waits, Announcement(EventReason.PENDING))
        if view.machine is None:
            return SETTLED
        names = tuple(child_snapshot_name(disk, metadata.uid) for disk in view.machine.disk_names)
        started = Announcement(EventReason.STARTED, f"capturing {view.machine.reference} and {len(names)} disks")
        return await self._phases.in_progress(
            snapshot, Reason.SNAPSHOTTING, announce=started, virtual_disk_snapshot_names=names
        )

    async def _take(self, view: MachineSnapshotView) -> Progress:
        """The settings first, because they need no frozen guest; then the disks, as quickly as can be."""
        if view.cut:
            return await self._finish(view)
        lost = view.what_is_lost()
        if lost is not None:
            return await self._fail(view, (lost,))
        if view.failed_children:
            return await self._phases.failed_because(view.snapshot, view.failed_children, announce=_FAILED)
        if not view.snapshot.status.content_digest:
            return await self._save(view.snapshot)
        return await self._cut(view)

    async def _save(self, snapshot: VirtualMachineSnapshot) -> Progress:
        secret_name = snapshot_secret_name(snapshot.metadata.name, snapshot.metadata.uid)
        try:
            saved = await save_content(snapshot, self._cluster.source, self._cluster.writes)
        except MissingError as missing:
            return await self._phases.failed_because(snapshot, str(missing), announce=_FAILED)
        if saved is None:
            taken = f"Secret {secret_name} is in the way; if it stays, kubectl delete secret {secret_name}"
            await self._phases.in_progress(snapshot, Reason.SNAPSHOTTING, taken)
            return again_after(CHECK_SECONDS)
        return await self._phases.in_progress(
            snapshot,
            Reason.SNAPSHOTTING,
            virtual_machine_snapshot_secret_name=secret_name,
            content_digest=saved.digest,
            resources=saved.resources,
        )

    async def _cut(self, view: MachineSnapshotView) -> Progress:
        """Have every disk cut while the guest stands still, or start again with all of them."""
        if view.required and not (view.in_one_standstill and view.still(self._cluster.clock())):
            return await self._start_again(view) if view.children else await self._freeze(view)
        if view.missing_children:
            await create_children(view.snapshot, view.missing_children, self._cluster.writes)
            return SETTLED
        frozen = None
        if view.freezing:
            frozen = Announcement(EventReason.FROZEN, "the file systems are frozen while the disks are cut")
        await self._phases.in_progress(view.snapshot, Reason.SNAPSHOTTING, view.progress, announce=frozen)
        return self._freezing.until_deadline(view.snapshot.status.freeze)

    async def _freeze(self, view: MachineSnapshotView) -> Progress:
        if view.machine is None:
            return SETTLED
        held = await self._freezing.hold(view.snapshot, view.machine)
        if isinstance(held, Finding):
            return await self._fail(view, (held,))
        return held or again_after(CHECK_SECONDS)

    async def _start_again(self, view: MachineSnapshotView) -> Progress:
        thawing = await self._freezing.thaw(view.snapshot, view.machine)
        if thawing is not None:
            return thawing
        await delete_children(tuple(view.children.values()), self._cluster.writes)
        return SETTLED

    async def _finish(self, view: MachineSnapshotView) -> Progress:
        thawing = await self._freezing.give_back(view.snapshot, view.machine)
        if thawing is not None:
            return thawing
        if view.failed_children:
            return await self._phases.failed_because(view.snapshot, view.failed_children, announce=_FAILED)
        if not view.all_ready:
            return await self._phases.in_progress(
                view.snapshot, Reason.SNAPSHOTTING, view.progress, Announcement(EventReason.IN_PROGRESS)
            )
        return await self._phases.ready(
            view.snapshot,
            Announcement(EventReason.COMPLETED, f"the machine's settings and {len(view.children)} disks are saved"),
            consistent=view.consistent,
        )

    async def _watch_over(self, view: MachineSnapshotView) -> Progress:
        """What a ready snapshot consists of must stay; the guard against a frozen guest may go."""
        lost = view.what_was_saved_and_is_gone()
        if lost is not None:
            message, reason = lost
            return await self._phases.failed_because(view.snapshot, message, reason=reason, announce=_FAILED)
        if view.guarded:
            return await self._let_go(view)
        return await self._restorable.tell(view.snapshot)

    async def _dismantle(self, view: MachineSnapshotView) -> Progress:
        """Garbage collection takes what the snapshot owns."""
        if MACHINE_SNAPSHOT_PROTECTION not in view.snapshot.metadata.finalizers:
            return SETTLED
        thawing = await self._freezing.give_back(view.snapshot, view.machine)
        if thawing is not None:
            return thawing
        if view.snapshot.status.phase != Phase.TERMINATING:
            return await self._phases.terminating(view.snapshot)
        return await self._let_go(view)

    async def _let_go(self, view: MachineSnapshotView) -> Progress:
        """The finalizer stands only for as long as a guest may be frozen because of this snapshot."""
        snapshot = view.snapshot
        thawing = await self._freezing.give_back(snapshot, view.machine)
        if thawing is not None:
            return thawing
        kept = [each for each in snapshot.metadata.finalizers if each != MACHINE_SNAPSHOT_PROTECTION]
        await self._cluster.writes.set_finalizers(VIRTUAL_MACHINE_SNAPSHOT, snapshot, kept)
        return SETTLED

    async def _fail(self, view: MachineSnapshotView, findings: tuple[Finding, ...]) -> Progress:
        return await self._phases.failed(view.snapshot, findings, _FAILED)
