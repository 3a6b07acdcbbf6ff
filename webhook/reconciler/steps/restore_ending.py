"""A machine that has its saved settings: let go, waited for, and the old volumes let go with it."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.operation import OperationResource, ResourceStatus
from webhook.api.virtual_disk import VIRTUAL_DISK, Phase
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_operation import EventReason, VirtualMachineOperation
from webhook.facts.facts import Facts
from webhook.kube.errors import ApiError
from webhook.planning.power import runs_after_restore
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.status.operation import with_states
from webhook.reconciler.steps.disk_replacement import DiskReplacement
from webhook.reconciler.steps.made import REFUSALS, is_made_by
from webhook.reconciler.steps.maintenance import Maintenance, let_go_at, was_on
from webhook.reconciler.steps.new_disk import NO_NEED, Need, is_usable, state_of
from webhook.reconciler.steps.old_disks import OldDisks, where_it_is
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.restored_settings import RestoredSettings
from webhook.reconciler.steps.running import disks_of, runs, waits_to_run, what_keeps_it_pending
from webhook.reconciler.steps.saved import SavedMachine


class RestoreEnding:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster
        self._maintenance = Maintenance(phases, cluster)
        self._settings = RestoredSettings(phases, cluster)
        self._disks = DiskReplacement(phases, cluster)
        self._old_disks = OldDisks(phases, cluster)

    async def advance(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine
    ) -> Progress:
        """The old volumes are kept until the machine runs with the new ones, where it is to run."""
        finishing = await self._settings.finish(operation, saved) or await self._leave(operation, machine)
        if finishing is not None:
            return finishing
        disks, need = disk_names(operation), self._need(operation, machine)
        failure = self._failure(operation, disks, need)
        if failure:
            return await self._phases.giving_up(operation, f"the machine has its saved settings, but {failure}")
        waits = self._is_due(operation, machine) and waits_to_run(machine, self._facts(operation))
        missing = self._disks.unusable(operation, disks, need)
        if waits or missing:
            waiting = f"waiting for the machine, which is {machine.status.phase}" if waits else waiting_for(missing)
            await self.report(operation, machine, waiting)
            return self._disks.until_deadline(operation, disks, need)
        return await self._old_disks.release(operation) or await self._completed(operation, machine)

    async def end(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine | None
    ) -> Progress | None:
        """As far as it goes, of an operation that is given up. None when there is nothing more to do."""
        finishing = await self._finish_what_is_not_refused(operation, saved) or await self._leave(operation, machine)
        if finishing is not None:
            return finishing
        disks, need = disk_names(operation), self._need(operation, machine)
        if not self._disks.unusable(operation, disks, need):
            return await self._old_disks.release(operation)
        if not self._failure(operation, disks, need):
            return self._disks.until_deadline(operation, disks, need)
        return await self._tell_what_is_kept(operation, machine)

    async def end_without_machine(self, operation: VirtualMachineOperation) -> Progress | None:
        """One that was deleted when it had its saved settings. Its restored disks stay, and the old volumes with them
        where one is not ready: nobody will consume it."""
        disks = disk_names(operation)
        if self._disks.unusable(operation, disks, Need(self._cluster.clock(), frozenset(disks))):
            return None
        return await self._old_disks.release(operation)

    async def report(self, operation: VirtualMachineOperation, machine: VirtualMachine, message: str) -> bool:
        """Each object as it comes into place. False when the status says it already."""
        uid, facts = operation.metadata.uid, self._facts(operation)

        def state(each: OperationResource) -> tuple[ResourceStatus, str]:
            disk = facts.get(VIRTUAL_DISK, each.name) if each.kind == VIRTUAL_DISK.name else None
            if each.kind != VIRTUAL_DISK.name:
                done, told = is_made_by(uid, machine), ""
            elif disk is None or not is_made_by(uid, disk):
                done, told = False, ""
            else:
                done, told = is_usable(disk), state_of(disk)
            return ResourceStatus.COMPLETED if done else ResourceStatus.IN_PROGRESS, told

        resources = with_states(operation.status.resources, state)
        return await self._phases.in_progress(operation, message, resources=resources)

    def remains(self, operation: VirtualMachineOperation) -> str:
        """Where the data is that the machine had before, if it is still needed; `""` when it is not."""
        kept = [
            f"the data that VirtualDisk {each.virtual_disk_name} had before is kept {where_it_is(each)}"
            for each in operation.status.retained_volumes
            if each.persistent_volume_name
        ]
        return "; ".join(kept)

    async def _leave(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> Progress | None:
        restore = operation.spec.restore
        snapshot = restore.virtual_machine_snapshot_name if restore is not None else ""
        message = f"restored from VirtualMachineSnapshot {snapshot} by {operation.metadata.name}"
        return await self._maintenance.leave(operation, machine, restored=True, message=message)

    async def _finish_what_is_not_refused(
        self, operation: VirtualMachineOperation, saved: SavedMachine | None
    ) -> Progress | None:
        try:
            return await self._settings.finish(operation, saved) if saved is not None else None
        except ApiError as error:
            if error.status not in REFUSALS:
                raise
            return None  # it is why the operation was given up, or will be told of by whoever misses it

    async def _tell_what_is_kept(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> Progress | None:
        """Nothing is lost silently: whoever looks at the machine finds where its former data is."""
        remains = self.remains(operation)
        if not remains or not await self._maintenance.say_incomplete(machine, remains):
            return None
        await self._cluster.events.record(
            VIRTUAL_MACHINE, machine, reason=EventReason.VOLUME_RETAINED, message=remains, type="Warning"
        )
        return SETTLED

    def _failure(self, operation: VirtualMachineOperation, disks: tuple[str, ...], need: Need) -> str:
        return self._disks.failure(operation, disks, need) or self._disks.lost(operation, disks)

    def _need(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> Need:
        facts = self._facts(operation)
        due = self._is_due(operation, machine) and not what_keeps_it_pending(machine, facts)
        since = let_go_at(operation)
        return Need(since, disks_of(machine, self._cluster.source)) if due or runs(machine) else NO_NEED

    async def _completed(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> Progress:
        missing = what_keeps_it_pending(machine, self._facts(operation)) if self._is_due(operation, machine) else ""
        pending = f"the machine stays Pending until there is {missing}" if missing else ""
        message = "; ".join(each for each in (pending, *self._without_data(operation)) if each)
        resources = with_states(operation.status.resources, lambda _: (ResourceStatus.COMPLETED, "restored"))
        return await self._phases.completed(operation, message, resources=resources)

    def _without_data(self, operation: VirtualMachineOperation) -> Iterator[str]:
        """A disk that holds nothing yet is no reason to wait, and none to keep silent."""
        facts = self._facts(operation)
        disks = (facts.get(VIRTUAL_DISK, name) for name in disk_names(operation))
        for disk in disks:
            if disk is not None and disk.status.phase == Phase.WAIT_FOR_FIRST_CONSUMER:
                kept = f", and what it had before is kept on PersistentVolume {disk.replaced_volume} until then"
                told = f"VirtualDisk {disk.metadata.name} gets its data when a machine starts with it"
                yield f"{told}{kept if disk.replaced_volume else ''}"

    def _is_due(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> bool:
        return runs_after_restore(machine.spec.run_policy, was_on=was_on(operation))

    def _facts(self, operation: VirtualMachineOperation) -> Facts:
        return Facts(self._cluster.source, operation.metadata.namespace)


def disk_names(operation: VirtualMachineOperation) -> tuple[str, ...]:
    """Of the disks that are replaced."""
    return tuple(each.name for each in operation.status.resources if each.kind == VIRTUAL_DISK.name)


def waiting_for(disks: tuple[str, ...]) -> str:
    return f"waiting for VirtualDisk {', '.join(disks)}" if disks else "the machine gets its saved settings"
