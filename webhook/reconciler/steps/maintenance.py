"""Keeping a machine off while its disks are replaced, and letting it go again."""

from __future__ import annotations

from typing import Any

import msgspec

from webhook.api.meta import Condition, condition
from webhook.api.virtual_machine import VIRTUAL_MACHINE, ConditionReason, ConditionType, Phase, VirtualMachine
from webhook.api.virtual_machine_operation import (
    VIRTUAL_MACHINE_OPERATION,
    EventReason,
    MaintenanceReason,
    VirtualMachineOperation,
)
from webhook.api.virtual_machine_operation import ConditionType as OperationCondition
from webhook.api.vocabulary import OPERATION_UID, RESTORE_POWER_STATE
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.status.conditions import with_condition
from webhook.reconciler.steps.operation_phases import OperationPhases


class Maintenance:
    """The platform's protocol (platform API facts, 3.9): an annotation says whether the machine is to run afterwards,
    a condition keeps it off. The operation's uid beside them says whose maintenance it is: only its own ends it."""

    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster

    async def enter(self, operation: VirtualMachineOperation, machine: VirtualMachine) -> Progress | None:
        """None when the machine is off and stays off. What it was doing is written down first: afterwards it is off."""
        if RESTORE_POWER_STATE not in operation.metadata.annotations:
            state = Phase.STOPPED if machine.status.phase == Phase.STOPPED else Phase.RUNNING
            note = {"metadata": {"annotations": {RESTORE_POWER_STATE: str(state)}}}
            await self._cluster.writes.patch(VIRTUAL_MACHINE_OPERATION, operation, note)
            return SETTLED
        if not is_marked_for(operation, machine):
            marks = {
                RESTORE_POWER_STATE: operation.metadata.annotations[RESTORE_POWER_STATE],
                OPERATION_UID: operation.metadata.uid,
            }
            await self._cluster.writes.patch(VIRTUAL_MACHINE, machine, {"metadata": {"annotations": marks}})
            return SETTLED
        if not is_in_maintenance(machine):
            message = f"VirtualMachineOperation {operation.metadata.name} restores the machine"
            conditions = self._with(
                machine, ConditionType.MAINTENANCE, True, ConditionReason.RESTORE_IN_PROGRESS, message
            )
            await self._set(machine, conditions)
            return SETTLED
        if await self._tell(operation, enabled=True):
            return SETTLED
        return None if machine.status.phase == Phase.STOPPED else SETTLED

    async def leave(
        self, operation: VirtualMachineOperation, machine: VirtualMachine | None, *, restored: bool, message: str
    ) -> Progress | None:
        """None when the machine is its own master again. Its condition Restored says which state it is in."""
        if machine is not None and is_marked_for(operation, machine):
            if is_in_maintenance(machine):
                reason = ConditionReason.RESTORE_COMPLETED if restored else ConditionReason.RESTORE_UNDONE
                told = self._with(machine, ConditionType.RESTORED, restored, reason, message)
                machine = msgspec.structs.replace(
                    machine, status=msgspec.structs.replace(machine.status, conditions=told)
                )
                ended = self._with(machine, ConditionType.MAINTENANCE, False, reason, message)
                await self._set(machine, ended)
                return SETTLED
            marks = {OPERATION_UID: None}
            await self._cluster.writes.patch(VIRTUAL_MACHINE, machine, {"metadata": {"annotations": marks}})
            return SETTLED
        return SETTLED if await self._tell(operation, enabled=False) else None

    def _with(
        self, machine: VirtualMachine, type_: ConditionType, status: bool, reason: ConditionReason, message: str
    ) -> tuple[Condition, ...]:
        return with_condition(
            machine.status.conditions,
            type=type_,
            status=status,
            reason=reason,
            message=message,
            generation=machine.metadata.generation,
            now=self._cluster.clock(),
        )

    async def _set(self, machine: VirtualMachine, conditions: tuple[Condition, ...]) -> None:
        """As a patch of the list alone: our struct does not hold all of a machine's status."""
        patch: dict[str, Any] = {"conditions": msgspec.to_builtins(conditions)}
        await self._cluster.writes.patch_status(VIRTUAL_MACHINE, machine, patch)

    async def _tell(self, operation: VirtualMachineOperation, *, enabled: bool) -> bool:
        told = condition(operation.status.conditions, OperationCondition.MAINTENANCE_MODE)
        if told is None and not enabled:
            return False
        conditions = with_condition(
            operation.status.conditions,
            type=OperationCondition.MAINTENANCE_MODE,
            status=enabled,
            reason=MaintenanceReason.ENABLED if enabled else MaintenanceReason.DISABLED,
            message="",
            generation=operation.metadata.generation,
            now=self._cluster.clock(),
        )
        announce = EventReason.MAINTENANCE_MODE if enabled else None
        return await self._phases.note(operation, announce, conditions=conditions)


def was_on(operation: VirtualMachineOperation) -> bool:
    return operation.metadata.annotations.get(RESTORE_POWER_STATE) == Phase.RUNNING


def is_marked_for(operation: VirtualMachineOperation, machine: VirtualMachine) -> bool:
    return machine.metadata.annotations.get(OPERATION_UID) == operation.metadata.uid


def is_in_maintenance(machine: VirtualMachine) -> bool:
    told = condition(machine.status.conditions, ConditionType.MAINTENANCE)
    return told is not None and told.true
