"""Whether the machine of a snapshot could be restored from it now: what a Strict restore would be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from webhook.api.meta import Condition, ObjectMeta, condition
from webhook.api.operation import Mode
from webhook.api.virtual_machine_operation import (
    VIRTUAL_MACHINE_OPERATION,
    OperationType,
    RestoreSpec,
    VirtualMachineOperation,
    VirtualMachineOperationSpec,
)
from webhook.api.virtual_machine_snapshot import ConditionType, RestorableReason, VirtualMachineSnapshot
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.facts.request import Operation, Request
from webhook.facts.source import Source, UnreadableError
from webhook.findings.catalogue import CODES
from webhook.findings.finding import Finding
from webhook.findings.policy import Policy
from webhook.findings.restore import CLASS_MISSING, IMAGE_MISSING, OPERATION_IN_PROGRESS
from webhook.findings.snapshots import MACHINE_PHASE_UNSUITABLE
from webhook.gate.redaction import for_everyone
from webhook.reconciler.status.snapshot import message_of

PASSING: Final = frozenset({OPERATION_IN_PROGRESS.name, MACHINE_PHASE_UNSUITABLE.name})
"""What the machine is going through just now says nothing about its snapshots."""
_LOSSES: Final = frozenset({CLASS_MISSING.name, IMAGE_MISSING.name})


class Restorability(Struct, frozen=True):
    restorable: bool | None
    """None when what it depends on cannot be read."""
    reason: str
    message: str = ""

    def is_told_by(self, told: Condition | None) -> bool:
        spelled = "Unknown" if self.restorable is None else str(self.restorable)
        return told is not None and (told.status, told.reason, told.message) == (spelled, self.reason, self.message)


def restorability(snapshot: VirtualMachineSnapshot, source: Source, policy: Policy) -> Restorability:
    """What is in the way counts whatever policy does about it: a restore that waits for it is not done either."""
    try:
        evaluation = for_everyone(evaluate(_restore_of(snapshot), source, policy), snapshot.metadata.namespace)
    except UnreadableError as error:
        return Restorability(None, RestorableReason.UNKNOWN, str(error))
    conflicts = [each for each in evaluation.conflicts if each.code not in PASSING]
    if conflicts:
        return Restorability(False, min(conflicts, key=_lasting_first).code, message_of(conflicts))
    losses = tuple(_losses(evaluation))
    if losses:
        return Restorability(True, RestorableReason.WITH_LOSSES, message_of(losses))
    return Restorability(True, RestorableReason.RESTORABLE)


def told_restorability(snapshot: VirtualMachineSnapshot) -> Condition | None:
    return condition(snapshot.status.conditions, ConditionType.RESTORABLE)


def _restore_of(snapshot: VirtualMachineSnapshot) -> Request:
    metadata = snapshot.metadata
    machine = snapshot.spec.virtual_machine_name
    spec = VirtualMachineOperationSpec(
        type=OperationType.RESTORE,
        virtual_machine_name=machine,
        restore=RestoreSpec(mode=Mode.STRICT, virtual_machine_snapshot_name=metadata.name),
    )
    operation = VirtualMachineOperation(metadata=ObjectMeta(namespace=metadata.namespace), spec=spec)
    return Request(Operation.CREATE, VIRTUAL_MACHINE_OPERATION, metadata.namespace, operation)


def _lasting_first(finding: Finding) -> tuple[bool, str]:
    """The reason should be what no waiting mends, where there is such a thing."""
    return CODES[finding.code].can_be_waited_for(kind=VIRTUAL_MACHINE_OPERATION.name), finding.code


def _losses(evaluation: Evaluation) -> Iterable[Finding]:
    return (each for each in evaluation.warnings if each.code in _LOSSES)
