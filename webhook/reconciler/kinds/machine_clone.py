"""VirtualMachineOperation of type Clone: a temporary snapshot, a machine made of it, and the snapshot gone again."""

from __future__ import annotations

from typing import Any

from webhook.api.meta import condition
from webhook.api.operation import CopySpec
from webhook.api.reference import owner_reference_to
from webhook.api.virtual_disk_snapshot import Phase
from webhook.api.virtual_machine_operation import (
    VIRTUAL_MACHINE_OPERATION,
    ConditionType,
    EventReason,
    SnapshotReadyReason,
    VirtualMachineOperation,
)
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, KeepIPAddress, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot import ConditionType as SnapshotCondition
from webhook.api.vocabulary import OPERATION_UID
from webhook.content.saved import ContentError
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation
from webhook.planning.clone import temporary_snapshot_name
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.status.conditions import with_condition
from webhook.reconciler.steps.copying import Copying
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.saved import read_saved_machine


class MachineClones:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster
        self._copying = Copying(phases, cluster)

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
        undoing = await self._copying.undo(operation)
        if undoing is not None:
            return undoing
        snapshot = self._snapshot(operation)
        if snapshot is None:
            return None
        if not snapshot.metadata.deleting:
            await self._cluster.writes.delete(VIRTUAL_MACHINE_SNAPSHOT, snapshot)
        return SETTLED

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
            return await self._phases.giving_up(operation, "the temporary snapshot was deleted")
        body = temporary_snapshot(operation)
        await self._cluster.writes.create(VIRTUAL_MACHINE_SNAPSHOT, operation.metadata.namespace, body)
        await self._phases.tell(operation, EventReason.SNAPSHOT_CREATED, body["metadata"]["name"])
        return SETTLED

    async def _wait_for(self, operation: VirtualMachineOperation, snapshot: VirtualMachineSnapshot) -> Progress | None:
        if snapshot.metadata.annotations.get(OPERATION_UID) != operation.metadata.uid:
            name = snapshot.metadata.name
            return await self._phases.giving_up(operation, f"VirtualMachineSnapshot {name} is somebody else's")
        if snapshot.status.phase == Phase.FAILED:
            told = condition(snapshot.status.conditions, SnapshotCondition.VIRTUAL_MACHINE_SNAPSHOT_READY)
            why = told.message if told is not None else "no reason given"
            return await self._phases.giving_up(operation, f"the temporary snapshot failed: {why}")
        if snapshot.status.phase != Phase.READY:
            return SETTLED
        if self._state(operation) == SnapshotReadyReason.IN_PROGRESS:
            await self._phases.note(operation, conditions=self._conditions(operation, SnapshotReadyReason.READY))
            return SETTLED
        return None

    async def _finish(self, operation: VirtualMachineOperation, snapshot: VirtualMachineSnapshot | None) -> Progress:
        """Written down before it is done: a snapshot that is gone without a word would be a failure.

        The new disks have their data; one that waits for its first consumer keeps its source from going.
        """
        if snapshot is not None and not snapshot.metadata.deleting:
            await self._cluster.writes.delete(VIRTUAL_MACHINE_SNAPSHOT, snapshot)
            await self._phases.tell(operation, EventReason.SNAPSHOT_DELETED, snapshot.metadata.name)
            return SETTLED
        return await self._phases.completed(operation)

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
