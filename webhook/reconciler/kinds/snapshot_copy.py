"""VirtualMachineSnapshotOperation of type CreateVirtualMachine: a machine made of a snapshot that is there."""

from __future__ import annotations

from webhook.api.virtual_machine_snapshot_operation import VirtualMachineSnapshotOperation
from webhook.content.saved import ContentError
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.kinds.operation import Marks, Outcome
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.steps.copying import Copying
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.saved import read_saved_machine


class SnapshotCopies:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster
        self._copying = Copying(phases, cluster)

    def marks(self, _: AnyOperation) -> Marks:
        return {}

    async def advance(self, operation: AnyOperation) -> Progress:
        if not isinstance(operation, VirtualMachineSnapshotOperation) or operation.spec.create_virtual_machine is None:
            return SETTLED
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        try:
            saved = await read_saved_machine(operation.spec.virtual_machine_snapshot_name, facts, self._cluster.writes)
        except ContentError as error:
            return await self._phases.giving_up(operation, str(error))
        copying = await self._copying.advance(operation, saved, operation.spec.create_virtual_machine)
        return copying or await self._phases.completed(operation, self._copying.remark(operation))

    async def undo(self, operation: AnyOperation) -> Progress | None:
        return await self._copying.undo(operation)

    async def abandon(self, _: AnyOperation) -> Progress | None:
        return None

    def outcome(self, _: AnyOperation) -> Outcome:
        return Outcome()
