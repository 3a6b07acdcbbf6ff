"""VirtualMachineOperation of type Restore: everything refusable before the machine stops, nothing lost after it.

The way forward: keep the machine off, look again, create what is missing, replace the disks, overwrite the machine, let
it go. Until the machine is overwritten every step can be taken back; from then on there is only the way forward.
"""

from __future__ import annotations

from typing import Final

from webhook.api.operation import Mode, OperationResource, ResourceStatus
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, Phase, VirtualMachine
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, VirtualMachineOperation
from webhook.content.machine import Raw
from webhook.content.saved import ContentError
from webhook.evaluation.evaluate import evaluate
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation
from webhook.facts.request import Operation, Request
from webhook.gate.redaction import for_everyone
from webhook.kube.errors import ApiError
from webhook.planning.blueprint import Image, missing_images
from webhook.planning.power import runs_after_restore
from webhook.planning.restored_bodies import restored_machine
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.status.merge import merge_patch
from webhook.reconciler.status.operation import with_states
from webhook.reconciler.status.snapshot import message_of
from webhook.reconciler.steps.copying import REFUSALS, is_made_by
from webhook.reconciler.steps.maintenance import Maintenance, was_on
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.restored_dependencies import RestoredDependencies
from webhook.reconciler.steps.restored_disks import RestoredDisks, is_usable
from webhook.reconciler.steps.running import waits_to_run, what_keeps_it_pending
from webhook.reconciler.steps.saved import SavedMachine, read_saved_machine

_CHECK_SECONDS: Final = 2.0
"""Between looks at what no event tells of."""


class MachineRestores:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster
        self._maintenance = Maintenance(phases, cluster)
        self._disks = RestoredDisks(phases, cluster)
        self._dependencies = RestoredDependencies(cluster)

    async def advance(self, operation: AnyOperation) -> Progress:
        if not isinstance(operation, VirtualMachineOperation) or operation.spec.restore is None:
            return SETTLED
        machine = self._machine(operation)
        if machine is None:
            name = operation.spec.virtual_machine_name
            return await self._phases.giving_up(operation, f"VirtualMachine {name} was deleted")
        try:
            saved = await self._saved(operation)
        except ContentError as error:
            return await self._phases.giving_up(operation, str(error))
        if await self._report(operation, machine):
            return SETTLED
        if not is_made_by(operation.metadata.uid, machine):
            return await self._bring_back(operation, machine, saved)
        return await self._finish(operation, machine, saved) or await self._completed(operation, machine)

    async def undo(self, operation: AnyOperation) -> Progress | None:
        """Back to the old state, or on to the new one where the machine has it already."""
        if not isinstance(operation, VirtualMachineOperation):
            return None
        machine = self._machine(operation)
        if machine is not None and is_made_by(operation.metadata.uid, machine):
            try:
                return await self._finish(operation, machine, await self._saved(operation))
            except ContentError:  # what is left to do needs little of it
                return await self._leave(operation, machine) or await self._disks.release(operation)
        return (
            await self._disks.put_back(operation)
            or await self._dependencies.remove_what_was_made(operation)
            or await self._maintenance.leave(
                operation, machine, restored=False, message=f"{operation.metadata.name} was undone: all is as before"
            )
        )

    async def _bring_back(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine
    ) -> Progress:
        entering = await self._maintenance.enter(operation, machine)
        if entering is not None:
            return entering
        if not self._has_touched_disks(operation, saved):
            refused = await self._look_again(operation) or await self._prepare(operation, saved)
            if refused is not None:
                return refused
        replacing = await self._disks.replace(operation, machine, saved.snapshot.disks)
        if replacing is not None:
            return replacing
        failure = self._disks.failure(operation, saved.snapshot.disks)
        if failure:
            return await self._phases.giving_up(operation, failure)
        if not self._disks.all_usable(operation, saved.snapshot.disks, consumed=False):
            return SETTLED
        removing = await self._dependencies.remove_foreign_attachments(operation)
        return removing or await self._overwrite(operation, machine, saved)

    async def _look_again(self, operation: VirtualMachineOperation) -> Progress | None:
        """What came up since it was accepted, while nothing is lost yet."""
        request = Request(Operation.CREATE, VIRTUAL_MACHINE_OPERATION, operation.metadata.namespace, operation)
        judged = evaluate(request, self._cluster.source, self._cluster.policy())
        conflicts = for_everyone(judged, request.namespace).conflicts
        return await self._phases.giving_up(operation, message_of(conflicts)) if conflicts else None

    async def _prepare(self, operation: VirtualMachineOperation, saved: SavedMachine) -> Progress | None:
        """What others may refuse: addresses that someone else takes first, a Secret that a quota does not allow."""
        try:
            creating = await self._dependencies.create_missing(operation, saved.raw)
        except ApiError as error:
            if error.status not in REFUSALS:
                raise
            return await self._phases.giving_up(operation, str(error))
        if creating is not None:
            return creating
        refused = self._dependencies.refused_addresses(operation, saved.raw)
        if refused:
            return await self._phases.giving_up(operation, refused)
        return None if self._dependencies.addresses_are_bound(operation, saved.raw) else again_after(_CHECK_SECONDS)

    async def _overwrite(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine
    ) -> Progress:
        """The point of no return."""
        namespace, name = operation.metadata.namespace, machine.metadata.name
        live = await self._cluster.writes.read_raw(VIRTUAL_MACHINE, namespace, name)
        without = {(each.kind, each.name) for each in self._left_out(operation, saved) if not each.attachment}
        wanted = restored_machine(live, saved.raw, without=without, uid=operation.metadata.uid)
        present = {
            "metadata": {key: live["metadata"].get(key) or {} for key in ("labels", "annotations")},
            "spec": live["spec"],
        }
        try:
            await self._cluster.writes.patch(VIRTUAL_MACHINE, machine, merge_patch(present, wanted))
        except ApiError as error:
            if error.status not in REFUSALS:
                raise
            return await self._phases.giving_up(operation, str(error))
        return SETTLED

    async def _finish(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine
    ) -> Progress | None:
        """None when the machine is in its new state and nothing of the old one is kept any more."""
        return (
            await self._dependencies.make_static(operation, saved.raw)
            or await self._dependencies.create_attachments(operation, self._attachments(operation, saved))
            or await self._leave(operation, machine)
            or self._wait_for_the_machine(operation, machine, saved)
            or await self._disks.release(operation)
        )

    async def _leave(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> Progress | None:
        restore = operation.spec.restore
        snapshot = restore.virtual_machine_snapshot_name if restore is not None else ""
        message = f"restored from VirtualMachineSnapshot {snapshot} by {operation.metadata.name}"
        return await self._maintenance.leave(operation, machine, restored=True, message=message)

    def _wait_for_the_machine(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine
    ) -> Progress | None:
        """The old volumes are kept until the machine runs with the new ones, where it is to run."""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        due = runs_after_restore(machine.spec.run_policy, was_on=was_on(operation))
        if due and waits_to_run(machine, facts):
            return SETTLED
        consumed = machine.status.phase == Phase.RUNNING
        usable = self._disks.all_usable(operation, saved.snapshot.disks, consumed=consumed)
        return None if usable else SETTLED

    async def _completed(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> Progress:
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        due = runs_after_restore(machine.spec.run_policy, was_on=was_on(operation))
        missing = what_keeps_it_pending(machine, facts) if due else ""
        message = f"the machine stays Pending until there is {missing}" if missing else ""
        return await self._phases.completed(operation, message)

    async def _report(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> bool:
        """Each object as it comes into place."""
        uid, facts = operation.metadata.uid, Facts(self._cluster.source, operation.metadata.namespace)

        def state(each: OperationResource) -> tuple[ResourceStatus, str]:
            disk = facts.get(VIRTUAL_DISK, each.name) if each.kind == VIRTUAL_DISK.name else None
            if each.kind != VIRTUAL_DISK.name:
                done, phase = is_made_by(uid, machine), ""
            elif disk is None or not is_made_by(uid, disk):
                done, phase = False, ""
            else:
                done, phase = is_usable(disk), disk.status.phase
            return ResourceStatus.COMPLETED if done else ResourceStatus.IN_PROGRESS, phase

        return await self._phases.note(operation, resources=with_states(operation.status.resources, state))

    def _has_touched_disks(self, operation: VirtualMachineOperation, saved: SavedMachine) -> bool:
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        disks = (facts.get(VIRTUAL_DISK, each.name) for each in saved.snapshot.disks)
        made = any(each is not None and is_made_by(operation.metadata.uid, each) for each in disks)
        return made or bool(operation.status.retained_volumes)

    def _left_out(self, operation: VirtualMachineOperation, saved: SavedMachine) -> tuple[Image, ...]:
        """Missing images, where the mode says that the machine does without."""
        best_effort = operation.spec.restore is not None and operation.spec.restore.mode == Mode.BEST_EFFORT
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        return missing_images(saved.blueprint, facts) if best_effort else ()

    def _attachments(self, operation: VirtualMachineOperation, saved: SavedMachine) -> tuple[Raw, ...]:
        left_out = {each.attachment for each in self._left_out(operation, saved)}
        return tuple(each for each in saved.raw.attachments if each["metadata"]["name"] not in left_out)

    def _machine(self, operation: VirtualMachineOperation) -> VirtualMachine | None:
        name = operation.spec.virtual_machine_name
        return self._cluster.source.get(VIRTUAL_MACHINE, operation.metadata.namespace, name)

    async def _saved(self, operation: VirtualMachineOperation) -> SavedMachine:
        restore = operation.spec.restore
        name = restore.virtual_machine_snapshot_name if restore is not None else ""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        return await read_saved_machine(name, facts, self._cluster.writes)
