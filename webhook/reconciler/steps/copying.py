"""Making a machine under other names from what a snapshot saved, and taking all of it back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from webhook.api.operation import CopySpec
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation
from webhook.findings.clone import NAME_TAKEN
from webhook.kube.errors import AlreadyExistsError, ApiError
from webhook.planning.naming import naming_of
from webhook.planning.power import starts_by_itself
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import AGAIN_SOON, SETTLED, Progress
from webhook.reconciler.steps.copied_objects import Made, Wanted, wanted_objects
from webhook.reconciler.steps.made import REFUSALS, is_made_by
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.rehearsal import Rehearsal
from webhook.reconciler.steps.running import disks_of, runs, waits_to_run, what_keeps_it_pending
from webhook.reconciler.steps.saved import SavedMachine
from webhook.reconciler.steps.shared_secret import others_use
from webhook.reconciler.steps.unseen_secret import unseen_secret

_TAKEN_BACK: Final = (VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, VIRTUAL_MACHINE, VIRTUAL_DISK, SECRET)
"""In this order: what uses something goes before it."""


class Copying:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster

    async def advance(self, operation: AnyOperation, saved: SavedMachine, copy: CopySpec) -> Progress | None:
        """One step. None when every object is in place, and the machine runs if it is to."""
        uid, now, settings = operation.metadata.uid, self._cluster.clock(), self._cluster.settings
        made = self._made(operation, saved, copy)
        problems = [each.taken for each in made if each.is_taken(uid)]
        problems += filter(None, (each.failure(now, settings) for each in made))
        if problems:
            return await self._phases.giving_up(operation, "; ".join(problems))
        waiting = self._waits_for(operation, made)
        if await self._report(operation, made, waiting):
            return SETTLED
        missing = [each.wanted for each in made if each.present is None]
        if missing:
            refusals = await self._rehearse(operation, made)
            return await (self._phases.giving_up(operation, refusals) if refusals else self._create(operation, missing))
        return SETTLED if waiting else None

    async def undo(self, operation: AnyOperation) -> Progress | None:
        """Delete what carries the operation's mark, users before what they use, but for a Secret that others have come
        to use. None when nothing else is left."""
        namespace, uid = operation.metadata.namespace, operation.metadata.uid
        facts = Facts(self._cluster.source, namespace)
        for kind in _TAKEN_BACK:
            names = [each.name for each in operation.status.resources if each.kind == kind.name]
            found = [self._cluster.source.get(kind, namespace, name) for name in names]
            mine = [each for each in found if each is not None and is_made_by(uid, each)]
            if kind is SECRET:
                mine = [each for each in mine if not others_use(each.metadata.name, facts, operation)]
            for each in mine:
                if not each.metadata.deleting:
                    await self._cluster.writes.delete(kind, each)
            if mine:
                return SETTLED
        return None

    def remark(self, operation: AnyOperation) -> str:
        """What its author should know when all is made."""
        machine = self._machine(operation)
        if machine is None or not starts_by_itself(machine.spec.run_policy):
            return ""
        missing = what_keeps_it_pending(machine, Facts(self._cluster.source, operation.metadata.namespace))
        return f"the machine stays Pending until there is {missing}" if missing else ""

    def _made(self, operation: AnyOperation, saved: SavedMachine, copy: CopySpec) -> list[Made]:
        namespace, source = operation.metadata.namespace, self._cluster.source
        facts = Facts(source, namespace)
        wanted = list(wanted_objects(saved, naming_of(copy), copy.mode, facts, operation.metadata.uid))
        machine = source.get(VIRTUAL_MACHINE, namespace, wanted[-1].name)
        used = disks_of(machine, source) if machine is not None and runs(machine) else frozenset()
        return [Made(each, source.get(each.kind, namespace, each.name), each.name in used) for each in wanted]

    def _waits_for(self, operation: AnyOperation, made: Sequence[Made]) -> str:
        """`""` when all is as it is to be."""
        unready = [f"{each.wanted.kind.name} {each.wanted.name}" for each in made if not each.in_place]
        if unready:
            return f"waiting for {', '.join(unready)}"
        machine = made[-1].present
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        due = isinstance(machine, VirtualMachine) and starts_by_itself(machine.spec.run_policy)
        if isinstance(machine, VirtualMachine) and due and waits_to_run(machine, facts):
            return f"waiting for VirtualMachine {machine.metadata.name}, which is {machine.status.phase or 'new'}"
        return ""

    async def _report(self, operation: AnyOperation, made: Sequence[Made], waiting: str) -> bool:
        """Before anything is made too: these are the names to be taken back. False when the status says it already."""
        resources = tuple(each.resource(operation.metadata.namespace) for each in made)
        return await self._phases.in_progress(operation, waiting or "the copy is made", resources=resources)

    async def _rehearse(self, operation: AnyOperation, made: Sequence[Made]) -> str:
        """Before the first is made: the machine comes last, and copying its disks may have taken hours by then."""
        if any(each.present is not None and not each.wanted.shared for each in made):
            return ""
        rehearsal = Rehearsal(self._cluster.writes, operation.metadata.namespace)
        for each in made:
            if not each.wanted.shared:
                await rehearsal.create(each.wanted.kind, each.wanted.body)
        return rehearsal.refusals

    async def _create(self, operation: AnyOperation, missing: Sequence[Wanted]) -> Progress:
        first = [each for each in missing if each.kind is not VIRTUAL_MACHINE] or missing
        creating = (self._cluster.writes.create(each.kind, operation.metadata.namespace, each.body) for each in first)
        outcomes = await asyncio.gather(*creating, return_exceptions=True)
        refusals = [str(each) for each in outcomes if isinstance(each, ApiError) and each.status in REFUSALS]
        there = [each for each, told in zip(first, outcomes, strict=True) if isinstance(told, AlreadyExistsError)]
        refusals += [told for told in [await self._unseen(operation, each) for each in there] if told]
        if refusals:
            return await self._phases.giving_up(operation, "; ".join(refusals))
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, AlreadyExistsError):
                raise outcome
        # Ours from before a crash, or another's, which has no mark of ours to wake us: the cache will show which.
        return AGAIN_SOON if there else SETTLED

    async def _unseen(self, operation: AnyOperation, wanted: Wanted) -> str:
        """Why the name cannot be had although no cache will ever show who has it; `""` when one will."""
        if wanted.kind is not SECRET:
            return ""
        unseen = await unseen_secret(operation.metadata.namespace, wanted.name, self._cluster.writes)
        return f"{unseen}; give the copy of it another name [{NAME_TAKEN.name}]" if unseen else ""

    def _machine(self, operation: AnyOperation) -> VirtualMachine | None:
        names = [each.name for each in operation.status.resources if each.kind == VIRTUAL_MACHINE.name]
        found = (self._cluster.source.get(VIRTUAL_MACHINE, operation.metadata.namespace, name) for name in names)
        return next((each for each in found if each is not None and is_made_by(operation.metadata.uid, each)), None)
