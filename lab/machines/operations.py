"""What becomes of an operation that switches a machine on or off. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from lab.machines.conditions import Observation, observed
from lab.machines.instances import NEW, Instance, Power
from lab.machines.kinds import Machine
from webhook.api.virtual_machine import Phase as MachinePhase
from webhook.api.virtual_machine import RunPolicy
from webhook.api.virtual_machine_operation import (
    FINISHED,
    ConditionType,
    OperationType,
    Phase,
    VirtualMachineOperation,
    VirtualMachineOperationStatus,
)

EXECUTED: Final = frozenset({OperationType.START, OperationType.STOP, OperationType.RESTART})
"""Restore and Clone are Snapgate's; there are no nodes to migrate between."""

_OWNED: Final = frozenset(ConditionType)
_BY_HAND: Final = frozenset({RunPolicy.MANUAL, RunPolicy.ALWAYS_ON_UNLESS_STOPPED_MANUALLY})
_UP: Final = frozenset({MachinePhase.RUNNING, MachinePhase.DEGRADED, MachinePhase.STARTING, MachinePhase.PAUSE})
_POLICIES: Final = {
    OperationType.START: _BY_HAND,
    OperationType.STOP: _BY_HAND,
    OperationType.RESTART: _BY_HAND | {RunPolicy.ALWAYS_ON},
}
_PHASES: Final = {
    OperationType.START: frozenset({MachinePhase.STOPPED, MachinePhase.STOPPING}),
    OperationType.STOP: _UP | {MachinePhase.PENDING},
    OperationType.RESTART: _UP,
}


@dataclass(frozen=True, slots=True)
class OperationScene:
    operation: VirtualMachineOperation
    machine: Machine | None
    instance: Instance = NEW


def is_executed_here(operation: VirtualMachineOperation) -> bool:
    return (
        operation.spec.type in EXECUTED and operation.status.phase not in FINISHED and not operation.metadata.deleting
    )


def request(scene: OperationScene) -> dict[str, Any]:
    """What the operation asks of the machine: members of its Instance. Empty when there is nothing to ask any more."""
    operation = scene.operation
    if operation.status.phase == Phase.IN_PROGRESS or refusal(scene) is not None:
        return {}
    match operation.spec.type:
        case OperationType.START:
            return {"power": Power.ON}
        case OperationType.STOP:
            return {"power": Power.OFF}
        case _:
            return {"restart_for": operation.metadata.uid}


def refusal(scene: OperationScene) -> Observation | None:
    operation, machine = scene.operation, scene.machine
    name, wanted = operation.spec.virtual_machine_name, OperationType(operation.spec.type)
    if machine is None:
        return _failed("VirtualMachineNotFound", f"VirtualMachine {name} does not exist")
    if operation.status.phase == Phase.IN_PROGRESS:
        return None
    if machine.spec.run_policy not in _POLICIES[wanted]:
        message = f"{wanted} does not apply to run policy {machine.spec.run_policy} of VirtualMachine {name}"
        return _failed("NotApplicableForVirtualMachineRunPolicy", message)
    allowed = _PHASES[wanted] | ({MachinePhase.STOPPING} if operation.spec.force else frozenset())
    if machine.status.phase not in allowed:
        message = f"VirtualMachine {name} is {machine.status.phase or 'not seen yet'}"
        return _failed("NotApplicableForVirtualMachinePhase", message)
    return None


def operation_status(scene: OperationScene, now: str) -> VirtualMachineOperationStatus:
    operation, refused = scene.operation, refusal(scene)
    if refused is not None:
        return _status(operation, Phase.FAILED, [refused], now)
    sent = Observation(ConditionType.SIGNAL_SENT, True, "SignalSentSuccess")
    if operation.status.phase == Phase.IN_PROGRESS and _is_done(scene):
        done = Observation(ConditionType.COMPLETED, True, "OperationCompleted")
        return _status(operation, Phase.COMPLETED, [done, sent], now)
    going_on = Observation(ConditionType.COMPLETED, False, f"{operation.spec.type}InProgress")
    return _status(operation, Phase.IN_PROGRESS, [going_on, sent], now)


def _is_done(scene: OperationScene) -> bool:
    phase = scene.machine.status.phase if scene.machine is not None else ""
    match scene.operation.spec.type:
        case OperationType.STOP:
            return phase == MachinePhase.STOPPED
        case OperationType.START:
            return phase == MachinePhase.RUNNING
        case _:
            return phase == MachinePhase.RUNNING and scene.instance.restart_for != scene.operation.metadata.uid


def _failed(reason: str, message: str) -> Observation:
    return Observation(ConditionType.COMPLETED, False, reason, message)


def _status(
    operation: VirtualMachineOperation, phase: Phase, observations: list[Observation], now: str
) -> VirtualMachineOperationStatus:
    generation = operation.metadata.generation
    return VirtualMachineOperationStatus(
        phase=phase,
        conditions=observed(operation.status.conditions, observations, owned=_OWNED, generation=generation, now=now),
        resources=operation.status.resources,
        observed_generation=generation,
    )
