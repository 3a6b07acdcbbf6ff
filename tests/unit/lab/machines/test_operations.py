from __future__ import annotations

from typing import Any

import pytest

from lab.machines.instances import Instance, Power
from lab.machines.operations import OperationScene, is_executed_here, operation_status, request
from tests.support.machine_side import NOW, machine, operation


def scene(wanted: str, *, phase: str = "Running", policy: str = "Manual", **members: Any) -> OperationScene:
    instance = members.pop("instance", Instance())
    return OperationScene(operation(wanted, **members), machine(phase=phase, run_policy=policy), instance)


@pytest.mark.parametrize(
    ("wanted", "phase", "asked"),
    [
        ("Start", "Stopped", {"power": Power.ON}),
        ("Stop", "Running", {"power": Power.OFF}),
        ("Restart", "Running", {"restart_for": "uid-of-op"}),
    ],
)
def test_operation_asks_once_and_is_in_progress(wanted: str, phase: str, asked: dict[str, Any]) -> None:
    first = scene(wanted, phase=phase)
    assert request(first) == asked
    status = operation_status(first, NOW)
    assert (status.phase, {each.type: each.reason for each in status.conditions}) == (
        "InProgress",
        {"Completed": f"{wanted}InProgress", "SignalSent": "SignalSentSuccess"},
    )
    again = OperationScene(operation(wanted, phase="InProgress"), machine(phase=phase, run_policy="Manual"))
    assert request(again) == {}


@pytest.mark.parametrize(
    ("wanted", "machine_phase", "instance", "phase"),
    [
        ("Start", "Starting", Instance(), "InProgress"),
        ("Start", "Running", Instance(), "Completed"),
        ("Stop", "Stopping", Instance(), "InProgress"),
        ("Stop", "Stopped", Instance(), "Completed"),
        ("Restart", "Running", Instance(restart_for="uid-of-op"), "InProgress"),
        ("Restart", "Starting", Instance(), "InProgress"),
        ("Restart", "Running", Instance(), "Completed"),
    ],
)
def test_operation_is_complete_when_the_machine_is_where_it_was_to_be(
    wanted: str, machine_phase: str, instance: Instance, phase: str
) -> None:
    going_on = OperationScene(operation(wanted, phase="InProgress"), machine(phase=machine_phase), instance)
    assert operation_status(going_on, NOW).phase == phase


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (OperationScene(operation("Start"), None), "VirtualMachineNotFound"),
        (scene("Start", policy="AlwaysOn", phase="Stopped"), "NotApplicableForVirtualMachineRunPolicy"),
        (scene("Restart", policy="AlwaysOff"), "NotApplicableForVirtualMachineRunPolicy"),
        (scene("Start", phase="Running"), "NotApplicableForVirtualMachinePhase"),
        (scene("Stop", phase="Stopping"), "NotApplicableForVirtualMachinePhase"),
    ],
)
def test_operation_that_does_not_apply_fails_and_asks_for_nothing(refused: OperationScene, reason: str) -> None:
    status = operation_status(refused, NOW)
    assert (status.phase, status.conditions[0].reason) == ("Failed", reason)
    assert request(refused) == {}


def test_stopping_machine_can_be_stopped_by_force() -> None:
    assert request(scene("Stop", phase="Stopping", force=True)) == {"power": Power.OFF}


@pytest.mark.parametrize(
    ("wanted", "phase", "ours"),
    [("Restore", "", False), ("Clone", "", False), ("Start", "Failed", False), ("Start", "", True)],
)
def test_lab_executes_only_what_switches_machines_on_or_off(wanted: str, phase: str, *, ours: bool) -> None:
    assert is_executed_here(operation(wanted, phase=phase)) is ours
