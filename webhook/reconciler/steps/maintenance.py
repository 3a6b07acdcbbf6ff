"""Keeping a machine off while its disks are replaced, and letting it go again."""

from __future__ import annotations

from datetime import datetime
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
from webhook.reconciler.clock import parse_time
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
        if not is_decided(operation):
            state = _state_to_return_to(machine)
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
            reason = ConditionReason.RESTORE_IN_PROGRESS
            entered = self._with(machine, ConditionType.MAINTENANCE, True, reason, message)
            await self._set(machine, entered)
            return SETTLED
        if await self._tell(operation, enabled=True):
            return SETTLED
        if machine.status.phase == Phase.STOPPED:
            return None
        await self._phases.in_progress(operation, "the machine is being stopped")
        return SETTLED

    async def leave(
        self, operation: VirtualMachineOperation, machine: VirtualMachine | None, *, restored: bool, message: str
    ) -> Progress | None:
        """None when the machine is its own master again. Its condition Restored says which state it is in."""
        if machine is not None and _is_held_by(operation, machine):
            await self._end(operation, machine, restored=restored, message=message)
            return SETTLED
        return SETTLED if await self._tell(operation, enabled=False) else None

    async def say_incomplete(self, machine: VirtualMachine, message: str) -> bool:
        """Of a machine that has left its maintenance. False when it says so already."""
        told = condition(machine.status.conditions, ConditionType.RESTORED)
        if told is not None and (told.reason, told.message) == (ConditionReason.RESTORE_INCOMPLETE, message):
            return False
        reason = ConditionReason.RESTORE_INCOMPLETE
        await self._set(machine, self._with(machine, ConditionType.RESTORED, False, reason, message))
        return True

    async def _end(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, *, restored: bool, message: str
    ) -> None:
        """The mark goes last, so that a crash before that begins again.

        The machine side takes the power state away when it has followed it. Where the maintenance never began nobody
        does; that it did is on the operation before it is ended.
        """
        if is_in_maintenance(machine):
            if not await self._tell(operation, enabled=True):
                reason = ConditionReason.RESTORE_COMPLETED if restored else ConditionReason.RESTORE_UNDONE
                await self._set(machine, self._left(machine, restored, reason, message))
                if not restored:
                    await self._tell_undone(machine, message)
            return
        began = condition(operation.status.conditions, OperationCondition.MAINTENANCE_MODE) is not None
        marks = {OPERATION_UID: None} | ({} if began else {RESTORE_POWER_STATE: None})
        await self._cluster.writes.patch(VIRTUAL_MACHINE, machine, {"metadata": {"annotations": marks}})

    def _left(
        self, machine: VirtualMachine, restored: bool, reason: ConditionReason, message: str
    ) -> tuple[Condition, ...]:
        told = self._with(machine, ConditionType.RESTORED, restored, reason, message)
        status = msgspec.structs.replace(machine.status, conditions=told)
        changed = msgspec.structs.replace(machine, status=status)
        return self._with(changed, ConditionType.MAINTENANCE, False, reason, message)

    async def _tell_undone(self, machine: VirtualMachine, message: str) -> None:
        self._cluster.restores.restore_undone()
        await self._cluster.events.record(
            VIRTUAL_MACHINE, machine, reason=EventReason.RESTORE_UNDONE, message=message, type="Warning"
        )

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


def _state_to_return_to(machine: VirtualMachine) -> str:
    """One that somebody else keeps off already is not as it is to be."""
    if is_in_maintenance(machine) and RESTORE_POWER_STATE in machine.metadata.annotations:
        return machine.metadata.annotations[RESTORE_POWER_STATE]
    return Phase.STOPPED if machine.status.phase == Phase.STOPPED else Phase.RUNNING


def is_decided(operation: VirtualMachineOperation) -> bool:
    """Whether nothing was found that refuses the restore, so that the machine is stopped next or was already."""
    return RESTORE_POWER_STATE in operation.metadata.annotations


def was_on(operation: VirtualMachineOperation) -> bool:
    return operation.metadata.annotations.get(RESTORE_POWER_STATE) == Phase.RUNNING


def is_marked_for(operation: VirtualMachineOperation, machine: VirtualMachine) -> bool:
    return machine.metadata.annotations.get(OPERATION_UID) == operation.metadata.uid


def let_go_at(operation: VirtualMachineOperation) -> datetime | None:
    """When the machine became its own master again, with its saved settings or as it was before."""
    told = condition(operation.status.conditions, OperationCondition.MAINTENANCE_MODE)
    return parse_time(told.last_transition_time) if told is not None and not told.true else None


def _is_held_by(operation: VirtualMachineOperation, machine: VirtualMachine) -> bool:
    """Also when somebody took the mark away: nobody else would end a maintenance that bears nobody's."""
    told = condition(operation.status.conditions, OperationCondition.MAINTENANCE_MODE)
    unmarked = OPERATION_UID not in machine.metadata.annotations and is_in_maintenance(machine)
    return is_marked_for(operation, machine) or (unmarked and told is not None and told.true)


def is_in_maintenance(machine: VirtualMachine) -> bool:
    told = condition(machine.status.conditions, ConditionType.MAINTENANCE)
    return told is not None and told.true
