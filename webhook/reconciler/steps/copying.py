"""Making a machine under other names from what a snapshot saved, and taking all of it back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.operation import CopySpec, Mode, OperationResource, ResourceStatus
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.vocabulary import RESTORED_BY
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation
from webhook.findings.clone import NAME_TAKEN
from webhook.kube.errors import AlreadyExistsError, ApiError
from webhook.planning.blueprint import missing_images
from webhook.planning.bodies import copied_attachment, copied_machine, copied_secret, disk_body, secret_name
from webhook.planning.naming import Naming, naming_of
from webhook.planning.power import starts_by_itself
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.status.operation import resource
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.running import waits_to_run
from webhook.reconciler.steps.saved import SavedMachine

_KINDS: Final = (VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, VIRTUAL_MACHINE, VIRTUAL_DISK, SECRET)
"""In the order in which they are taken back: what uses something goes before it."""
REFUSALS: Final = frozenset({400, 403, 422})
"""Answers that stay the same however often one asks: a webhook, a quota, a schema."""


@dataclass(frozen=True, slots=True)
class Wanted:
    kind: Kind[Any]
    body: dict[str, Any]
    shared: bool = False
    """There already and used as it is: a provisioning Secret that keeps its name."""

    @property
    def name(self) -> str:
        name: str = self.body["metadata"]["name"]
        return name


@dataclass(frozen=True, slots=True)
class Made:
    """What is wanted, and what there is of it."""

    wanted: Wanted
    present: Object | None
    starts: bool
    """Whether the new machine is due to run, and so will consume its disks."""

    @property
    def in_place(self) -> bool:
        match self.present:
            case None:
                return False
            case VirtualDisk(status=status):
                waits = status.phase == DiskPhase.WAIT_FOR_FIRST_CONSUMER and not self.starts
                return status.phase == DiskPhase.READY or waits
            case _:
                return True

    @property
    def failed(self) -> str:
        """Why it never will be; `""` when it may."""
        match self.present:
            case VirtualDisk(status=status) if status.phase == DiskPhase.FAILED:
                told = "; ".join(each.message for each in status.conditions if not each.true and each.message)
                return f"VirtualDisk {self.wanted.name} could not be made: {told or 'no reason given'}"
            case _:
                return ""


class Copying:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster

    async def advance(self, operation: AnyOperation, saved: SavedMachine, copy: CopySpec) -> Progress | None:
        """One step. None when every object is in place and usable."""
        namespace, uid = operation.metadata.namespace, operation.metadata.uid
        facts = Facts(self._cluster.source, namespace)
        starts = starts_by_itself(saved.blueprint.machine.spec.run_policy)
        made = [
            Made(wanted, self._cluster.source.get(wanted.kind, namespace, wanted.name), starts)
            for wanted in _wanted(saved, naming_of(copy), copy.mode, facts, uid)
        ]
        taken = [each for each in made if each.present is not None and not _is_ours(each, uid)]
        failed = [each.failed for each in made if each.failed]
        if taken or failed:
            return await self._phases.giving_up(operation, "; ".join([*map(_taken, taken), *failed]))
        missing = [each.wanted for each in made if each.present is None]
        if missing:
            return await self._create(operation, missing)
        return await self._wait(operation, made)

    async def undo(self, operation: AnyOperation) -> Progress | None:
        """Delete what carries the operation's mark, users before what they use. None when nothing is left."""
        namespace, uid = operation.metadata.namespace, operation.metadata.uid
        for kind in _KINDS:
            names = [each.name for each in operation.status.resources if each.kind == kind.name]
            found = [self._cluster.source.get(kind, namespace, name) for name in names]
            mine = [each for each in found if each is not None and is_made_by(uid, each)]
            for each in mine:
                if not each.metadata.deleting:
                    await self._cluster.writes.delete(kind, each)
            if mine:
                return SETTLED
        return None

    async def _create(self, operation: AnyOperation, missing: Sequence[Wanted]) -> Progress:
        """The machine last: until then nothing uses what could still be refused."""
        first = [each for each in missing if each.kind is not VIRTUAL_MACHINE] or missing
        outcomes = await asyncio.gather(*(self._create_one(operation, each) for each in first), return_exceptions=True)
        refusals = [str(each) for each in outcomes if isinstance(each, ApiError) and each.status in REFUSALS]
        if refusals:
            return await self._phases.giving_up(operation, "; ".join(refusals))
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return SETTLED

    async def _create_one(self, operation: AnyOperation, wanted: Wanted) -> None:
        try:
            await self._cluster.writes.create(wanted.kind, operation.metadata.namespace, wanted.body)
        except AlreadyExistsError:
            return  # ours from before a crash, or another's: the cache will show which

    async def _wait(self, operation: AnyOperation, made: Sequence[Made]) -> Progress | None:
        resources = tuple(_resource(each, operation.metadata.namespace) for each in made)
        if await self._phases.note(operation, resources=resources):
            return SETTLED
        machine = next(each.present for each in made if isinstance(each.present, VirtualMachine))
        due = any(each.starts for each in made)
        if not all(each.in_place for each in made):
            return SETTLED
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        return SETTLED if due and waits_to_run(machine, facts) else None


def is_made_by(uid: str, made: Object) -> bool:
    return made.metadata.annotations.get(RESTORED_BY) == uid


def _wanted(saved: SavedMachine, naming: Naming, mode: str, facts: Facts, uid: str) -> Iterator[Wanted]:
    raw, best_effort = saved.raw, mode == Mode.BEST_EFFORT
    missing = missing_images(saved.blueprint, facts) if best_effort else ()
    for disk in saved.snapshot.disks:
        yield Wanted(VIRTUAL_DISK, disk_body(disk, naming.of(VIRTUAL_DISK.name, disk.name), uid=uid))
    if raw.provisioning_secret is not None:
        name = secret_name(raw.provisioning_secret, naming)
        shared = name == raw.provisioning_secret["metadata"]["name"] and facts.get(SECRET, name) is not None
        yield Wanted(SECRET, copied_secret(raw.provisioning_secret, name, uid=uid), shared=shared)
    without = {(each.kind, each.name) for each in missing if not each.attachment}
    yield Wanted(
        VIRTUAL_MACHINE,
        copied_machine(raw.machine, naming, without=without, without_usb_devices=best_effort, uid=uid),
    )
    left_out = {each.attachment for each in missing}
    for attachment in raw.attachments:
        if attachment["metadata"]["name"] not in left_out:
            yield Wanted(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, copied_attachment(attachment, naming, uid=uid))


def _is_ours(made: Made, uid: str) -> bool:
    return made.wanted.shared or (made.present is not None and is_made_by(uid, made.present))


def _taken(made: Made) -> str:
    return f"{made.wanted.kind.name} {made.wanted.name} was made by someone else meanwhile [{NAME_TAKEN.name}]"


def _resource(made: Made, namespace: str) -> OperationResource:
    reference = Reference(made.wanted.kind.name, namespace, made.wanted.name)
    phase = getattr(getattr(made.present, "status", None), "phase", "")
    status = ResourceStatus.COMPLETED if made.in_place else ResourceStatus.IN_PROGRESS
    return resource(reference, status, phase or "")
