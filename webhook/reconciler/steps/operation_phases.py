"""Writing the phase of an operation, with its conditions, and telling people of the change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from webhook.api.kind import Kind
from webhook.api.virtual_machine_operation import CompletedReason, EventReason, Phase
from webhook.evaluation.evaluate import Evaluation
from webhook.facts.operations import AnyOperation
from webhook.kube.errors import ConflictError
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress, again_after
from webhook.reconciler.status.operation import in_phase, reason_for, resources_of, what_it_did, with_progress
from webhook.reconciler.status.snapshot import message_of

PENDING_SECONDS: Final = 10.0
"""Between looks at what an operation waits for, when nothing else wakes it."""
_NOTED: Final[Mapping[str, str]] = {
    EventReason.MAINTENANCE_MODE: "the machine is kept off until it is restored, or all is as before",
}
_DRY_RUN_DONE: Final = "dry run: nothing is in the way, and nothing was done"


class OperationPhases:
    """Each method is one write and its Event, or nothing when the status says it already."""

    def __init__(self, kind: Kind[Any], cluster: Cluster, *, in_progress_reasons: Mapping[str, str]) -> None:
        """`in_progress_reasons` by the operation's type."""
        self._kind = kind
        self._cluster = cluster
        self._in_progress_reasons = in_progress_reasons

    async def pending(self, operation: AnyOperation, evaluation: Evaluation) -> Progress:
        """An Event only when it begins to wait: what it waits for may change with every look."""
        reason = CompletedReason.NOT_READY_TO_BE_EXECUTED
        announce = EventReason.PENDING if operation.status.phase != Phase.PENDING else None
        resources, message = resources_of(evaluation), message_of(evaluation.waits)
        await self._set(operation, Phase.PENDING, reason, message, announce, resources=resources)
        return again_after(PENDING_SECONDS)

    async def refused(self, operation: AnyOperation, evaluation: Evaluation) -> Progress:
        """Before anything was done. Every reason is in the message, and each object's own beside its name."""
        findings = evaluation.denials
        reason = reason_for(operation, findings[0])
        resources = resources_of(evaluation)
        return await self._set(
            operation, Phase.FAILED, reason, message_of(findings), EventReason.FAILED, resources=resources
        )

    async def failed(self, operation: AnyOperation, message: str, *, reason: str = "", **members: Any) -> Progress:
        reason = reason or CompletedReason.OPERATION_FAILED
        return await self._set(operation, Phase.FAILED, reason, message, EventReason.FAILED, **members)

    async def started(self, operation: AnyOperation, message: str, **members: Any) -> Progress:
        return await self._set(
            operation,
            Phase.IN_PROGRESS,
            self._going_on(operation),
            message,
            EventReason.STARTED,
            **members,
        )

    async def in_progress(self, operation: AnyOperation, message: str, **members: Any) -> bool:
        """What it is doing or waiting for. False when the status says so already."""
        reason = self._going_on(operation)
        return await self._write(operation, Phase.IN_PROGRESS, reason, message, None, members)

    async def giving_up(self, operation: AnyOperation, message: str, **members: Any) -> Progress:
        """Written before the first step back, so that whoever comes after a crash goes on with it."""
        reason = CompletedReason.OPERATION_FAILED
        return await self._set(operation, Phase.IN_PROGRESS, reason, message, None, **members)

    async def note(self, operation: AnyOperation, announce: str | None = None, **members: Any) -> bool:
        """Other members of the status, whatever the operation is going through. False when nothing changed."""
        status = with_progress(msgspec.structs.replace(operation.status, **members))
        written = await self._cluster.writes.set_status(self._kind, operation, status)
        if written and announce is not None:
            await self.tell(operation, announce, _NOTED.get(announce, ""))
        return written

    async def must_be_current(self, operation: AnyOperation) -> None:
        """Raises ConflictError when it has been written since: whoever thinks that it still leads must not do what the
        next leader has decided against. For writes to objects that say nothing of who leads."""
        metadata = operation.metadata
        live = await self._cluster.writes.read(self._kind, metadata.namespace, metadata.name)
        if live.metadata.resource_version != metadata.resource_version:
            raise ConflictError(409, "Conflict", f"{self._kind.name} {metadata.name} has been modified")

    async def tell(self, operation: AnyOperation, announce: str, message: str) -> None:
        await self._cluster.events.record(
            self._kind,
            operation,
            reason=announce,
            message=message,
            type="Warning" if announce == EventReason.FAILED else "Normal",
        )

    async def completed(self, operation: AnyOperation, remark: str = "", **members: Any) -> Progress:
        """The Event says what was done, also where there is nothing to remark."""
        reason = CompletedReason.OPERATION_COMPLETED
        if await self._write(operation, Phase.COMPLETED, reason, remark, None, members):
            told = "; ".join(filter(None, (what_it_did(operation), remark)))
            await self.tell(operation, EventReason.SUCCEEDED, told)
        return SETTLED

    async def dry_run_done(self, operation: AnyOperation, evaluation: Evaluation) -> Progress:
        """The one write of a dry run."""
        resources, conflicts = resources_of(evaluation), evaluation.conflicts
        if conflicts:
            message = f"dry run: {len(conflicts)} in the way; {message_of(conflicts)}"
            return await self.failed(operation, message, resources=resources)
        reason = CompletedReason.OPERATION_COMPLETED
        return await self._set(
            operation, Phase.COMPLETED, reason, _DRY_RUN_DONE, EventReason.SUCCEEDED, resources=resources
        )

    async def terminating(self, operation: AnyOperation, message: str) -> Progress:
        reason = self._going_on(operation)
        return await self._set(operation, Phase.TERMINATING, reason, message, EventReason.TERMINATING)

    def _going_on(self, operation: AnyOperation) -> str:
        return self._in_progress_reasons[operation.spec.type]

    async def _set(
        self, operation: AnyOperation, phase: str, reason: str, message: str, announce: str | None, **members: Any
    ) -> Progress:
        await self._write(operation, phase, reason, message, announce, members)
        return SETTLED

    async def _write(
        self,
        operation: AnyOperation,
        phase: str,
        reason: str,
        message: str,
        announce: str | None,
        members: Mapping[str, Any],
    ) -> bool:
        now = self._cluster.clock()
        status = with_progress(in_phase(operation, phase, reason=reason, message=message, now=now, members=members))
        written = await self._cluster.writes.set_status(self._kind, operation, status)
        if written and announce is not None:
            await self.tell(operation, announce, message)
        return written
