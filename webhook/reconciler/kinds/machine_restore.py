"""VirtualMachineOperation of type Restore: everything refusable before the machine stops, nothing lost after it.

The way forward: look again, get the addresses, rehearse what will be written, keep the machine off, look again, replace
the disks, unplug what is plugged in besides, overwrite the machine, let it go. Until the machine is overwritten every
step can be taken back; from then on there is only the way forward.
"""

from __future__ import annotations

from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.api.vocabulary import MACHINE_UID, RESTORE_POWER_STATE
from webhook.content.saved import ContentError
from webhook.evaluation.evaluate import evaluate
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation
from webhook.facts.request import Operation, Request
from webhook.findings.restore import MACHINE_UID_MISMATCH
from webhook.gate.redaction import for_everyone
from webhook.kube.errors import ApiError
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.kinds.operation import Marks, Outcome
from webhook.reconciler.progress import AGAIN_SOON, SETTLED, Progress
from webhook.reconciler.status.snapshot import message_of
from webhook.reconciler.steps.disk_replacement import DiskReplacement
from webhook.reconciler.steps.made import REFUSALS, is_made_by
from webhook.reconciler.steps.maintenance import Maintenance, is_decided, let_go_at
from webhook.reconciler.steps.old_disks import OldDisks, where_it_is
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.restore_ending import RestoreEnding, disk_names, waiting_for
from webhook.reconciler.steps.restored_attachments import RestoredAttachments
from webhook.reconciler.steps.restored_dependencies import RestoredDependencies
from webhook.reconciler.steps.restored_settings import RestoredSettings
from webhook.reconciler.steps.saved import SavedMachine, read_saved_machine


class MachineRestores:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster
        self._maintenance = Maintenance(phases, cluster)
        self._old_disks = OldDisks(phases, cluster)
        self._disks = DiskReplacement(phases, cluster)
        self._dependencies = RestoredDependencies(cluster)
        self._attachments = RestoredAttachments(phases, cluster)
        self._settings = RestoredSettings(phases, cluster)
        self._ending = RestoreEnding(phases, cluster)

    def marks(self, operation: AnyOperation) -> Marks:
        """What the decision would leave is taken away: a manifest that was exported has it, and nothing was decided."""
        machine = self._live(operation)
        labels = {"labels": {MACHINE_UID: machine.metadata.uid}} if machine is not None else {}
        return labels | {"annotations": {RESTORE_POWER_STATE: None}}

    async def advance(self, operation: AnyOperation) -> Progress:
        if not isinstance(operation, VirtualMachineOperation) or operation.spec.restore is None:
            return SETTLED
        machine = self._machine(operation)
        if machine is None or machine.metadata.deleting:
            return await self._phases.giving_up(operation, self._why_it_is_gone(operation))
        try:
            return await self._step(operation, machine, await self._saved(operation))
        except ContentError as error:
            return await self._phases.giving_up(operation, str(error))
        except ApiError as error:
            if error.status not in REFUSALS:
                raise
            begun = "the machine has its saved settings, but " if is_made_by(operation.metadata.uid, machine) else ""
            return await self._phases.giving_up(operation, f"{begun}{error}")

    async def _step(self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine) -> Progress:
        if is_made_by(operation.metadata.uid, machine):
            return await self._ending.advance(operation, machine, saved)
        if not is_decided(operation):
            return await self._decide(operation, machine, saved)
        return await self._bring_back(operation, machine, saved)

    async def undo(self, operation: AnyOperation) -> Progress | None:
        """Back to the old state, or on to the new one where the machine has it already."""
        if not isinstance(operation, VirtualMachineOperation):
            return None
        machine = self._machine(operation)
        if machine is not None and is_made_by(operation.metadata.uid, machine):
            return await self._ending.end(operation, machine, await self._saved_if_there(operation))
        if self._went_on(operation):
            return await self._ending.end_without_machine(operation)
        undoing = (
            await self._disks.put_back(operation, disk_names(operation))
            or await self._attachments.put_back(operation)
            or await self._dependencies.remove_what_was_made(operation)
        )
        if undoing is not None:
            return undoing
        remains = self._remains(operation)
        message = f"{operation.metadata.name} was taken back: {remains or 'all is as before'}"
        leaving = await self._maintenance.leave(operation, machine, restored=False, message=message)
        if leaving is not None:
            return leaving
        return None if remains else await self._old_disks.forget(operation)

    async def abandon(self, operation: AnyOperation) -> Progress | None:
        """Volumes do not go with their namespace, and a machine in maintenance is not let go by its controller."""
        if not isinstance(operation, VirtualMachineOperation):
            return None
        message = "the namespace is being deleted"
        return await self._old_disks.release(operation) or await self._maintenance.leave(
            operation, self._machine(operation), restored=False, message=message
        )

    def outcome(self, operation: AnyOperation) -> Outcome:
        if not isinstance(operation, VirtualMachineOperation):
            return Outcome()
        if self._went_on(operation):
            return Outcome(self._ending.remains(operation), kept=True)
        return Outcome(self._remains(operation))

    async def _decide(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine
    ) -> Progress:
        """Nothing has happened to the machine yet: whatever may refuse is asked now."""
        conflicts = self._conflicts(operation)
        if conflicts:
            return await self._phases.giving_up(operation, conflicts)
        creating = await self._dependencies.create_missing(operation, saved.raw)
        if creating is not None:
            return creating
        refused = self._dependencies.refused_addresses(operation, saved.raw)
        if refused:
            return await self._phases.giving_up(operation, refused)
        unbound = self._dependencies.unbound_addresses(operation, saved.raw)
        if unbound:
            await self._phases.in_progress(operation, f"waiting for the address of {', '.join(unbound)}")
            return AGAIN_SOON
        refusals = await self._settings.rehearse(operation, machine, saved)
        if refusals:
            return await self._phases.giving_up(operation, refusals)
        writing = await self._disks.write_down(operation, disk_names(operation))
        return writing or await self._maintenance.enter(operation, machine) or SETTLED

    async def _bring_back(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine
    ) -> Progress:
        entering = await self._maintenance.enter(operation, machine)
        if entering is not None:
            return entering
        disks = disk_names(operation)
        failure = self._disks.in_the_way(operation, disks) or self._disks.failure(operation, disks)
        if not self._disks.are_touched(operation, disks):
            failure = failure or self._conflicts(operation)
        if failure:
            return await self._phases.giving_up(operation, failure)
        replacing = await self._disks.replace(operation, machine, saved.snapshot.disks)
        if replacing is not None:
            going = self._disks.going(operation, disks)
            if going:
                await self._phases.in_progress(operation, f"waiting until VirtualDisk {', '.join(going)} is gone")
            return replacing
        missing = self._disks.unusable(operation, disks)
        if await self._ending.report(operation, machine, waiting_for(missing)):
            return SETTLED
        if missing:
            return self._disks.until_deadline(operation, disks)
        wanted = self._settings.attachments(operation, saved)
        removing = await self._attachments.remove_foreign(operation, wanted)
        return removing or await self._settings.overwrite(operation, machine, saved)

    def _conflicts(self, operation: VirtualMachineOperation) -> str:
        """What has come up since it was accepted."""
        request = Request(Operation.CREATE, VIRTUAL_MACHINE_OPERATION, operation.metadata.namespace, operation)
        judged = evaluate(request, self._cluster.source, self._cluster.policy())
        return message_of(for_everyone(judged, request.namespace).conflicts)

    def _remains(self, operation: VirtualMachineOperation) -> str:
        return "; ".join(
            f"VirtualDisk {each.virtual_disk_name} is not, its data is kept {where_it_is(each)}"
            for each in self._disks.not_put_back(operation)
        )

    def _went_on(self, operation: VirtualMachineOperation) -> bool:
        """Whether the machine has got its saved settings. When it is gone, its restored disks tell of that: on the way
        back it is let go only when none of them is left."""
        machine = self._machine(operation)
        if machine is not None:
            return is_made_by(operation.metadata.uid, machine)
        return let_go_at(operation) is not None and self._disks.has_new(operation, disk_names(operation))

    def _machine(self, operation: AnyOperation) -> VirtualMachine | None:
        """The one that it was begun with: another of its name is none of its business."""
        machine, begun_with = self._live(operation), operation.metadata.labels.get(MACHINE_UID)
        return machine if machine is not None and begun_with in {None, machine.metadata.uid} else None

    def _why_it_is_gone(self, operation: VirtualMachineOperation) -> str:
        name, live = operation.spec.virtual_machine_name, self._live(operation)
        if live is None or live.metadata.deleting:
            return f"VirtualMachine {name} was deleted"
        return f"VirtualMachine {name} was re-created meanwhile [{MACHINE_UID_MISMATCH.name}]"

    def _live(self, operation: AnyOperation) -> VirtualMachine | None:
        name = getattr(operation.spec, "virtual_machine_name", "")
        return self._cluster.source.get(VIRTUAL_MACHINE, operation.metadata.namespace, name)

    async def _saved(self, operation: VirtualMachineOperation) -> SavedMachine:
        restore = operation.spec.restore
        name = restore.virtual_machine_snapshot_name if restore is not None else ""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        return await read_saved_machine(name, facts, self._cluster.writes)

    async def _saved_if_there(self, operation: VirtualMachineOperation) -> SavedMachine | None:
        try:
            return await self._saved(operation)
        except ContentError:
            return None
