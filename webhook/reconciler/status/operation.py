"""The status of an operation: its phase, its conditions, and what became of each object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from webhook.api.kinds import KINDS_BY_NAME
from webhook.api.operation import OperationResource, ResourceStatus
from webhook.api.reference import Reference
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import CompletedReason, ConditionType, Phase, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtualization import VERSION
from webhook.evaluation.evaluate import Evaluation
from webhook.facts.operations import AnyOperation
from webhook.findings import clone, restore, snapshot_source, snapshots
from webhook.findings.code import Action
from webhook.findings.finding import Finding
from webhook.planning.plan import Plan, StepKind
from webhook.reconciler.status.conditions import with_condition

_VALID: Final = "valid"
_ABSENT: Final = frozenset({restore.IMAGE_MISSING.name, restore.CLASS_MISSING.name})
"""Where an object that does not exist is nothing in the way, it still is not there."""
_LISTED: Final = (StepKind.CREATE, StepKind.REPLACE, StepKind.KEEP, StepKind.ATTACH, StepKind.DELETE)
_REASONS: Final[Mapping[str, str]] = {
    snapshots.MACHINE_NOT_FOUND.name: CompletedReason.VIRTUAL_MACHINE_NOT_FOUND,
    snapshots.MACHINE_DELETING.name: CompletedReason.VIRTUAL_MACHINE_NOT_FOUND,
    snapshots.MACHINE_PHASE_UNSUITABLE.name: CompletedReason.NOT_APPLICABLE_FOR_PHASE,
    clone.SOURCE_MACHINE_RUNNING.name: CompletedReason.NOT_APPLICABLE_FOR_PHASE,
    restore.OPERATION_IN_PROGRESS.name: CompletedReason.NOT_READY_TO_BE_EXECUTED,
    snapshot_source.SNAPSHOT_NOT_READY.name: CompletedReason.NOT_READY_TO_BE_EXECUTED,
}


def reason_for(operation: AnyOperation, finding: Finding) -> str:
    """The platform's reason for a failure, as near as it has one."""
    copies_a_snapshot = not isinstance(operation, VirtualMachineOperation)
    if copies_a_snapshot and finding.code == snapshot_source.SNAPSHOT_NOT_FOUND.name:
        return CompletedReason.SNAPSHOT_NOT_FOUND
    return _REASONS.get(finding.code, CompletedReason.OPERATION_FAILED)


def in_phase(
    operation: AnyOperation, phase: str, *, reason: str, message: str, now: datetime, members: Mapping[str, Any]
) -> Any:
    """The operation's status in this phase; other members are set as they are given."""
    generation = operation.metadata.generation
    conditions = with_condition(
        members.get("conditions", operation.status.conditions),
        type=ConditionType.COMPLETED,
        status=phase == Phase.COMPLETED,
        reason=reason,
        message=message,
        generation=generation,
        now=now,
    )
    changes = {"phase": phase, "observed_generation": generation} | dict(members) | {"conditions": conditions}
    return msgspec.structs.replace(operation.status, **changes)


def what_it_did(operation: AnyOperation) -> str:
    """Of an operation that is completed."""
    if not isinstance(operation, VirtualMachineOperation):
        return _made_from(operation, f"VirtualMachineSnapshot {operation.spec.virtual_machine_snapshot_name}")
    machine = f"VirtualMachine {operation.spec.virtual_machine_name}"
    restore = operation.spec.restore
    if restore is None:
        return _made_from(operation, machine)
    return f"{machine} is as saved in VirtualMachineSnapshot {restore.virtual_machine_snapshot_name}"


def _made_from(operation: AnyOperation, source: str) -> str:
    copies = [f"{each.kind} {each.name}" for each in operation.status.resources if each.kind == VIRTUAL_MACHINE.name]
    return f"{', '.join(copies) or 'a machine'} was made from {source}"


def resources_of(evaluation: Evaluation) -> tuple[OperationResource, ...]:
    """Every object of the plan, and everything else that something was found about: valid, or why not."""
    about: dict[Reference, list[Finding]] = {each: [] for each in listed(evaluation.plan)}
    for judged in evaluation.findings:
        if judged.action is not Action.INFO:
            about.setdefault(judged.finding.subject, []).append(judged.finding)
    return tuple(_judged(reference, findings) for reference, findings in about.items())


def in_progress_resources(plan: Plan) -> tuple[OperationResource, ...]:
    """What an operation that begins has yet to make: these names are taken from now on."""
    return tuple(resource(each, ResourceStatus.IN_PROGRESS, "") for each in listed(plan))


def listed(plan: Plan) -> tuple[Reference, ...]:
    """A temporary snapshot is nobody's business: it goes before the operation is done."""
    return tuple(each for each in plan.objects(*_LISTED) if each.kind != VIRTUAL_MACHINE_SNAPSHOT.name)


def with_progress(status: Any) -> Any:
    """How many of its objects are in place. A VirtualMachineSnapshotOperation has no member to say so."""
    counted = status.phase in {Phase.IN_PROGRESS, Phase.COMPLETED}
    if not hasattr(status, "progress") or not status.resources or not counted:
        return status
    done = sum(each.status == ResourceStatus.COMPLETED for each in status.resources)
    percent = 100 if status.phase == Phase.COMPLETED else 100 * done // (len(status.resources) + 1)
    return msgspec.structs.replace(status, progress=f"{percent}%")


State = Callable[[OperationResource], tuple[ResourceStatus, str]]
"""How far an object is, and in which words."""


def with_states(resources: Sequence[OperationResource], state: State) -> tuple[OperationResource, ...]:
    return tuple(
        msgspec.structs.replace(each, status=status, message=message)
        for each, (status, message) in ((each, state(each)) for each in resources)
    )


def resource(reference: Reference, status: ResourceStatus, message: str) -> OperationResource:
    """With the version alone, as the platform writes it: no two kinds that operations touch share a name."""
    kind = KINDS_BY_NAME.get(reference.kind)
    version = kind.version if kind is not None else VERSION
    return OperationResource(version, reference.kind, reference.name, status, message)


def _judged(reference: Reference, findings: Sequence[Finding]) -> OperationResource:
    conflict = any(finding.blocking or finding.code in _ABSENT for finding in findings)
    status = ResourceStatus.FAILED if conflict else ResourceStatus.COMPLETED
    return resource(reference, status, "; ".join(finding.text for finding in findings) or _VALID)
