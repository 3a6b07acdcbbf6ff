"""A provisioning Secret that one operation made and others have come to use."""

from __future__ import annotations

from typing import Final, TypeGuard

from webhook.api.meta import condition
from webhook.api.secret import SECRET
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import CompletedReason, ConditionType, Phase, VirtualMachineOperation
from webhook.api.vocabulary import RESTORED_BY
from webhook.facts.facts import Facts
from webhook.facts.operations import AnyOperation

_UNDER_WAY: Final = frozenset({Phase.IN_PROGRESS, Phase.TERMINATING})


def others_use(name: str, facts: Facts, operation: AnyOperation) -> bool:
    """Whether the Secret outlives the operation that made it.

    A Secret that keeps its name is shared by all copies of a snapshot, and only the first of them made it. The machine
    that the operation restores does not count: it goes back to what it was, without the Secret.
    """
    restored = operation.spec.virtual_machine_name if _restores(operation) else ""
    machines = (each.machine for each in facts.holders.of_secret(name))
    if any(machine != restored and _stays(machine, facts) for machine in machines):
        return True
    rivals = facts.operations.reserving(SECRET.name, name, asker=operation)
    return any(each.phase == Phase.IN_PROGRESS and not _goes_back(each.operation) for each in rivals)


def _stays(name: str, facts: Facts) -> bool:
    """A copy that is taken back as well needs the Secret no more."""
    machine = facts.get(VIRTUAL_MACHINE, name)
    mark = machine.metadata.annotations.get(RESTORED_BY, "") if machine is not None else ""
    maker = facts.operations.with_uid(mark) if mark else None
    return maker is None or _restores(maker) or not _goes_back(maker)


def _goes_back(operation: AnyOperation) -> bool:
    told = condition(operation.status.conditions, ConditionType.COMPLETED)
    gives_up = told is not None and told.reason == CompletedReason.OPERATION_FAILED
    return operation.status.phase in _UNDER_WAY and (gives_up or operation.metadata.deleting)


def _restores(operation: AnyOperation) -> TypeGuard[VirtualMachineOperation]:
    return isinstance(operation, VirtualMachineOperation) and operation.spec.restore is not None
