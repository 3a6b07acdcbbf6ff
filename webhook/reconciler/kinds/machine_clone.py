"""VirtualMachineOperation of type Clone: a temporary snapshot, a machine made of it, and the snapshot gone again."""

from __future__ import annotations

from typing import Any

from webhook.api.meta import condition
from webhook.api.operation import CopySpec
from webhook.api.reference import owner_reference_to
from webhook.api.virtual_disk_snapshot import Phase
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import (
    VIRTUAL_MACHINE_OPERATION,
    ConditionType,
    EventReason,
    SnapshotReadyReason,
    VirtualMachineOperation,
)
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, KeepIPAddress, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot import ConditionType as SnapshotCondition
from webhook.api.vocabulary import MACHINE_UID, OPERATION_SNAPSHOT_NAME, OPERATION_UID
from webhook.content.saved import ContentError
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation
from webhook.kube.errors import AlreadyExistsError, ApiError
from webhook.planning.clone import temporary_snapshot_name
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.kinds.operation import Marks, Outcome
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.status.conditions import with_condition
from webhook.reconciler.steps.copying import Copying
from webhook.reconciler.steps.made import REFUSALS
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.saved import read_saved_machine


class MachineClones:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster
        self._copying = Copying(phases, cluster)

    def marks(self, operation: AnyOperation) -> Marks:
        name = getattr(operation.spec, "virtual_machine_name", "")
        machine = self._cluster.source.get(VIRTUAL_MACHINE, operation.metadata.namespace, name)
        annotations = {OPERATION_SNAPSHOT_NAME: temporary_snapshot_name(operation.metadata.uid)}
        labels = {MACHINE_UID: machine.metadata.uid} if machine is not None else {}
        return {"annotations": annotations, "labels": labels}

    async def advance(self, operation: AnyOperation) -> Progress:
        copy = getattr(operation.spec, "clone", None)
        if not isinstance(operation, VirtualMachineOperation) or copy is None:
            return SETTLED
        snapshot = self._snapshot(operation)
        if self._state(operation) == SnapshotReadyReason.CLEANED_UP:
            return await self._finish(operation, snapshot)
        if snapshot is None:
            return await self._take_snapshot(operation)
        return await self._wait_for(operation, snapshot) or await self._copy(operation, snapshot, copy)

    async def _copy(
        self, operation: VirtualMachineOperation, snapshot: VirtualMachineSnapshot, copy: CopySpec
    ) -> Progress:
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        try:
            saved = await read_saved_machine(snapshot.metadata.name, facts, self._cluster.writes)
        except ContentError as error:
            return await self._phases.giving_up(operation, str(error))
        copying = await self._copying.advance(operation, saved, copy)
        if copying is not None:
            return copying
        await self._phases.note(operation, conditions=self._conditions(operation, SnapshotReadyReason.CLEANED_UP))
        return SETTLED

    async def undo(self, operation: AnyOperation) -> Progress | None:
        if not isinstance(operation, VirtualMachineOperation):
            return None
        undoing = await self._copying.undo(operation)
        if undoing is not None:
            return undoing
        snapshot = self._snapshot(operation)
        if snapshot is not None and _is_of(operation, snapshot):
            await self._remove(operation, snapshot)
            return SETTLED
        if self._state(operation) in {SnapshotReadyReason.IN_PROGRESS, SnapshotReadyReason.READY}:
            await self._phases.note(operation, conditions=self._conditions(operation, SnapshotReadyReason.CLEANED_UP))
            return SETTLED
        return None

    async def abandon(self, _: AnyOperation) -> Progress | None:
        return None

    def outcome(self, _: AnyOperation) -> Outcome:
        return Outcome()

    def _snapshot(self, operation: AnyOperation) -> VirtualMachineSnapshot | None:
        name = temporary_snapshot_name(operation.metadata.uid)
        return self._cluster.source.get(VIRTUAL_MACHINE_SNAPSHOT, operation.metadata.namespace, name)

    async def _take_snapshot(self, operation: VirtualMachineOperation) -> Progress:
        """The finalizer of the operation is there before, so that no crash leaves the snapshot behind."""
        if not self._state(operation):
            in_progress = self._conditions(operation, SnapshotReadyReason.IN_PROGRESS)
            await self._phases.note(operation, conditions=in_progress)
            return SETTLED
        if self._state(operation) != SnapshotReadyReason.IN_PROGRESS:
            return await self._phases.giving_up(operation, "its temporary snapshot was deleted")
        body = temporary_snapshot(operation)
        try:
            await self._cluster.writes.create(VIRTUAL_MACHINE_SNAPSHOT, operation.metadata.namespace, body)
        except AlreadyExistsError:
            return SETTLED  # ours from before a crash, which the cache will show
        except ApiError as error:
            if error.status not in REFUSALS:
                raise
            return await self._phases.giving_up(operation, str(error))
        await self._phases.tell(operation, EventReason.SNAPSHOT_CREATED, body["metadata"]["name"])
        return SETTLED

    async def _wait_for(self, operation: VirtualMachineOperation, snapshot: VirtualMachineSnapshot) -> Progress | None:
        name = snapshot.metadata.name
        if not _is_of(operation, snapshot):
            return await self._phases.giving_up(operation, f"VirtualMachineSnapshot {name} is somebody else's")
        if snapshot.status.phase == Phase.FAILED:
            told = condition(snapshot.status.conditions, SnapshotCondition.VIRTUAL_MACHINE_SNAPSHOT_READY)
            why = told.message if told is not None else "no reason given"
            failed = self._conditions(operation, SnapshotReadyReason.FAILED)
            return await self._phases.giving_up(operation, f"its temporary snapshot failed: {why}", conditions=failed)
        if snapshot.status.phase != Phase.READY:
            await self._phases.in_progress(operation, f"VirtualMachineSnapshot {name} is being taken")
            return SETTLED
        if self._state(operation) == SnapshotReadyReason.IN_PROGRESS:
            await self._phases.note(operation, conditions=self._conditions(operation, SnapshotReadyReason.READY))
            return SETTLED
        return None

    async def _finish(self, operation: VirtualMachineOperation, snapshot: VirtualMachineSnapshot | None) -> Progress:
        """Written down before it is done: a snapshot that is gone without a word would be a failure.

        The new disks have their data; one that waits for its first consumer keeps its source from going.
        """
        if snapshot is not None and _is_of(operation, snapshot):
            await self._remove(operation, snapshot)
            return SETTLED
        return await self._phases.completed(operation, self._copying.remark(operation))

    async def _remove(self, operation: VirtualMachineOperation, snapshot: VirtualMachineSnapshot) -> None:
        if not snapshot.metadata.deleting:
            await self._cluster.writes.delete(VIRTUAL_MACHINE_SNAPSHOT, snapshot)
            await self._phases.tell(operation, EventReason.SNAPSHOT_DELETED, snapshot.metadata.name)

    def _state(self, operation: VirtualMachineOperation) -> str:
        told = condition(operation.status.conditions, ConditionType.SNAPSHOT_READY)
        return told.reason if told is not None else ""

    def _conditions(self, operation: VirtualMachineOperation, reason: SnapshotReadyReason) -> Any:
        return with_condition(
            operation.status.conditions,
            type=ConditionType.SNAPSHOT_READY,
            status=reason is SnapshotReadyReason.READY,
            reason=reason,
            message="",
            generation=operation.metadata.generation,
            now=self._cluster.clock(),
        )


def _is_of(operation: VirtualMachineOperation, snapshot: VirtualMachineSnapshot) -> bool:
    return snapshot.metadata.annotations.get(OPERATION_UID) == operation.metadata.uid


def temporary_snapshot(operation: VirtualMachineOperation) -> dict[str, Any]:
    """Without the address: the copy gets one of its own."""
    owner = owner_reference_to(VIRTUAL_MACHINE_OPERATION, operation) | {"blockOwnerDeletion": True}
    return {
        "metadata": {
            "name": temporary_snapshot_name(operation.metadata.uid),
            "annotations": {OPERATION_UID: operation.metadata.uid},
            "ownerReferences": [owner],
        },
        "spec": {
            "virtualMachineName": operation.spec.virtual_machine_name,
            "requiredConsistency": True,
            "keepIPAddress": str(KeepIPAddress.NEVER),
        },
    }
