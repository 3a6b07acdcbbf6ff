from __future__ import annotations

from typing import Any

import pytest

from lab.machines.instances import Power
from lab.machines.power import STARTING_SECONDS, STOPPING_SECONDS, Circumstances, Transition, transition
from webhook.api.virtual_machine import Phase


def circumstances(
    run_policy: str = "AlwaysOn",
    *,
    ready: bool = True,
    start_withheld: bool = False,
    deleting: bool = False,
    **members: Any,
) -> Circumstances:
    return Circumstances(run_policy, ready, start_withheld, deleting, **members)


@pytest.mark.parametrize("run_policy", ["AlwaysOn", "AlwaysOnUnlessStoppedManually"])
def test_machine_that_is_due_to_run_starts_when_its_disks_are_ready(run_policy: str) -> None:
    assert transition("Pending", 0, circumstances(run_policy)) == Transition(Phase.STARTING, STARTING_SECONDS)


@pytest.mark.parametrize("run_policy", ["AlwaysOff", "Manual"])
@pytest.mark.parametrize("phase", ["", "Pending", "Stopped"])
def test_machine_that_is_not_due_to_run_is_stopped(run_policy: str, phase: str) -> None:
    assert transition(phase, 0, circumstances(run_policy)) == Transition(Phase.STOPPED)


@pytest.mark.parametrize("run_policy", ["AlwaysOn", "AlwaysOff"])
def test_new_machine_is_pending_while_a_disk_is_not_ready(run_policy: str) -> None:
    assert transition("", 0, circumstances(run_policy, ready=False)) == Transition(Phase.PENDING)


def test_stopped_machine_stays_stopped_without_its_disks() -> None:
    assert transition("Stopped", 0, circumstances("AlwaysOff", ready=False)) == Transition(Phase.STOPPED)


def test_starting_machine_runs_when_it_is_up() -> None:
    assert transition("Starting", 0, circumstances()) == Transition(Phase.RUNNING)


@pytest.mark.parametrize("seconds_left", [0.1, None])
def test_starting_machine_is_looked_at_again_when_the_rest_of_its_time_has_passed(seconds_left: float | None) -> None:
    assert transition("Starting", seconds_left, circumstances()) == Transition(Phase.STARTING, seconds_left)


def test_machine_whose_guest_has_ended_stops_before_it_starts_again() -> None:
    assert transition("Running", 0, circumstances(ended=True)) == Transition(Phase.STOPPING, STOPPING_SECONDS)


def test_running_machine_runs_on_when_a_disk_is_resized_or_lost() -> None:
    assert transition("Running", 100, circumstances(ready=False)) == Transition(Phase.RUNNING)


@pytest.mark.parametrize("phase", ["Running", "Starting"])
def test_machine_stops_when_its_policy_changes(phase: str) -> None:
    assert transition(phase, 100, circumstances("AlwaysOff")) == Transition(Phase.STOPPING, STOPPING_SECONDS)


def test_stopping_machine_is_stopped_before_it_may_start_again() -> None:
    assert transition("Stopping", 0, circumstances()) == Transition(Phase.STOPPED)


def test_start_is_withheld_while_a_snapshot_is_in_progress() -> None:
    assert transition("Stopped", 0, circumstances(start_withheld=True)) == Transition(Phase.STOPPED)


@pytest.mark.parametrize("phase", ["", "Pending", "Starting", "Running", "Stopping", "Stopped"])
def test_deleted_machine_terminates(phase: str) -> None:
    assert transition(phase, 0, circumstances(deleting=True)) == Transition(Phase.TERMINATING)


@pytest.mark.parametrize(
    ("run_policy", "power", "runs"),
    [
        ("Manual", None, False),
        ("Manual", Power.ON, True),
        ("AlwaysOnUnlessStoppedManually", None, True),
        ("AlwaysOnUnlessStoppedManually", Power.OFF, False),
        ("AlwaysOn", Power.OFF, True),
        ("AlwaysOff", Power.ON, False),
    ],
)
def test_what_was_asked_for_by_hand_counts_where_the_policy_lets_it(
    run_policy: str, power: Power | None, *, runs: bool
) -> None:
    assert circumstances(run_policy, power=power).due_to_run is runs


def test_restart_begins_by_stopping() -> None:
    assert transition("Running", 100, circumstances(restarting=True)) == Transition(Phase.STOPPING, STOPPING_SECONDS)


@pytest.mark.parametrize(
    ("phase", "then"), [("Running", Phase.STOPPING), ("Pending", Phase.STOPPED), ("Stopped", Phase.STOPPED)]
)
def test_maintained_machine_is_brought_to_stopped(phase: str, then: Phase) -> None:
    assert transition(phase, 100, circumstances(ready=False, maintained=True)).phase == then
