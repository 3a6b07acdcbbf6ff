"""What every operation goes through: judged, begun, worked on, and what it took given back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from webhook.api.kind import Kind
from webhook.api.meta import condition
from webhook.api.virtual_machine_operation import FINISHED, CompletedReason, ConditionType, Phase
from webhook.evaluation.evaluate import evaluate, is_dry_run
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation
from webhook.facts.request import Operation, Request
from webhook.gate.redaction import for_everyone
from webhook.planning.plan import Plan
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.status.operation import in_progress_resources
from webhook.reconciler.steps.ended import as_they_are, where_taken_back
from webhook.reconciler.steps.operation_phases import OperationPhases

Marks = Mapping[str, Mapping[str, str | None]]
"""Labels and annotations; None for what must not be there."""


class Outcome(NamedTuple):
    remains: str = ""
    """What is not as it should be, and how to get out of it; `""` for nothing."""
    kept: bool = False
    """Whether what was made stays: it was too late to take it back."""


class Executor(Protocol):
    """The work of one type of operation. Every call may be the first after a crash."""

    def marks(self, operation: AnyOperation, /) -> Marks:
        """What the operation bears from its beginning on."""
        ...

    async def advance(self, operation: AnyOperation) -> Progress:
        """The next step of an operation that is InProgress."""
        ...

    async def undo(self, operation: AnyOperation) -> Progress | None:
        """The next step back, of one that failed or is being deleted; None when it holds nothing any more."""
        ...

    async def abandon(self, operation: AnyOperation, /) -> Progress | None:
        """The next step of letting go where the whole namespace goes; None when nothing is held any more."""
        ...

    def outcome(self, operation: AnyOperation, /) -> Outcome:
        """How the way back has ended."""
        ...


class Operations:
    def __init__(
        self,
        kind: Kind[Any],
        executors: Mapping[str, Executor],
        phases: OperationPhases,
        cluster: Cluster,
        *,
        finalizer: str,
    ) -> None:
        """`executors` by the operation's type; operations of other types are somebody else's."""
        self._kind = kind
        self._executors = executors
        self._phases = phases
        self._cluster = cluster
        self._finalizer = finalizer

    async def reconcile(self, namespace: str, name: str) -> Progress:
        operation = self._cluster.source.get(self._kind, namespace, name)
        executor = self._executors.get(operation.spec.type) if operation is not None else None
        if operation is None or executor is None:
            return SETTLED
        if operation.metadata.deleting:
            return await self._dismantle(operation, executor)
        if operation.status.phase in FINISHED:
            return await self._let_go(operation)
        if operation.status.phase == Phase.IN_PROGRESS:
            return await self._give_up(operation, executor) or await executor.advance(operation)
        return await self._begin(namespace, name, executor)

    async def _begin(self, namespace: str, name: str, executor: Executor) -> Progress:
        """Everything that can be refused is refused here, before anything is touched.

        One at a time: of two that want the same, the second is judged when everybody can see what the first took.
        """
        async with self._cluster.beginnings.hold(namespace):
            operation = self._cluster.source.get(self._kind, namespace, name)
            if operation is None or operation.metadata.deleting:
                return SETTLED
            request = Request(Operation.CREATE, self._kind, namespace, operation)
            policy = self._cluster.policy_for(operation.status.phase)
            evaluation = for_everyone(evaluate(request, self._cluster.source, policy), namespace)
            if is_dry_run(request):
                return await self._phases.dry_run_done(operation, evaluation)
            if evaluation.denied:
                return await self._phases.refused(operation, evaluation)
            if evaluation.waits:
                return await self._phases.pending(operation, evaluation)
            if not self._is_marked(operation, executor):
                return await self._mark(operation, executor)
            return await self._start(operation, evaluation.plan)

    async def _mark(self, operation: AnyOperation, executor: Executor) -> Progress:
        """Before anything else is written, so that no deletion leaves anything behind."""
        finalizers = list(dict.fromkeys([*operation.metadata.finalizers, self._finalizer]))
        metadata = {"finalizers": finalizers, **executor.marks(operation)}
        await self._cluster.writes.patch(self._kind, operation, {"metadata": metadata})
        return SETTLED

    def _is_marked(self, operation: AnyOperation, executor: Executor) -> bool:
        there = {"labels": operation.metadata.labels, "annotations": operation.metadata.annotations}
        marks = executor.marks(operation)
        as_wanted = (there[part].get(key) == value for part in marks for key, value in marks[part].items())
        return self._finalizer in operation.metadata.finalizers and all(as_wanted)

    async def _start(self, operation: AnyOperation, plan: Plan) -> Progress:
        resources = in_progress_resources(plan)
        return await self._phases.started(operation, f"{operation.spec.type} has begun", resources=resources)

    async def _give_up(self, operation: AnyOperation, executor: Executor) -> Progress | None:
        """The reason stands in the status from the moment that something failed: whoever comes after a crash goes on
        with the way back. None when nothing has failed."""
        told = condition(operation.status.conditions, ConditionType.COMPLETED)
        if told is None or told.reason != CompletedReason.OPERATION_FAILED:
            return None
        undoing = await executor.undo(operation)
        if undoing is not None:
            return undoing
        remains, kept = executor.outcome(operation)
        resources = (as_they_are if kept else where_taken_back)(operation, self._cluster.source)
        message = f"{told.message}; {remains}" if remains else told.message
        return await self._phases.failed(operation, message, resources=resources)

    async def _let_go(self, operation: AnyOperation) -> Progress:
        kept = [each for each in operation.metadata.finalizers if each != self._finalizer]
        await self._cluster.writes.set_finalizers(self._kind, operation, kept)
        return SETTLED

    async def _dismantle(self, operation: AnyOperation, executor: Executor) -> Progress:
        if self._finalizer not in operation.metadata.finalizers:
            return SETTLED
        if operation.status.phase in FINISHED:
            return await self._let_go(operation)
        if operation.status.phase != Phase.TERMINATING:
            return await self._phases.terminating(
                operation, f"deleted before it was done: {self._end(operation, executor)}"
            )
        if self._namespace_terminating(operation):
            return await executor.abandon(operation) or await self._let_go(operation)
        return await executor.undo(operation) or await self._let_go(operation)

    def _end(self, operation: AnyOperation, executor: Executor) -> str:
        if self._namespace_terminating(operation):
            return "its namespace goes with all that it made"
        if executor.outcome(operation).kept:
            return "it is too late to take back what it did, which is brought to its end"
        return "what it did is taken back"

    def _namespace_terminating(self, operation: AnyOperation) -> bool:
        return Facts(self._cluster.source, operation.metadata.namespace).namespace_terminating
