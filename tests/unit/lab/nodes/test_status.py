from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.nodes.status import ContainerState, PodState, Running, Terminated, Waiting, status_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NEW = PodState("webhook", "snapgate:1", NOON, "10.97.1.0")
FAILED = Terminated(137, NOON, NOON)
DONE = Terminated(0, NOON, NOON)


def conditions(state: PodState) -> dict[str, Any]:
    return {each["type"]: each for each in status_of(state, 1)["conditions"]}


@pytest.mark.parametrize(
    ("state", "last", "final", "phase"),
    [
        (Waiting("ContainerCreating"), None, False, "Pending"),
        (Running(NOON), None, False, "Running"),
        (Waiting("CrashLoopBackOff"), FAILED, False, "Running"),
        (DONE, None, True, "Succeeded"),
        (FAILED, None, True, "Failed"),
        (Waiting("LabDoesNotSupport"), None, False, "Pending"),
    ],
)
def test_the_phase_follows_from_the_container(
    state: ContainerState, last: Terminated | None, phase: str, *, final: bool
) -> None:
    assert status_of(NEW.becoming(NOON, state=state, last=last, final=final), 1)["phase"] == phase


def test_a_pod_is_ready_only_while_its_container_runs() -> None:
    running = NEW.becoming(NOON, state=Running(NOON), ready=True)
    assert conditions(running)["Ready"]["status"] == "True"
    crashed = running.becoming(NOON, state=Waiting("CrashLoopBackOff"), last=FAILED)
    assert conditions(crashed)["Ready"]["status"] == "False"
    assert conditions(crashed)["Ready"]["reason"] == "ContainersNotReady"


def test_a_condition_keeps_the_time_of_its_last_change() -> None:
    later = NOON + timedelta(minutes=1)
    running = NEW.becoming(NOON, state=Running(NOON), ready=True)
    restarted = running.becoming(later, ready=True, restarts=1)
    assert conditions(restarted)["Ready"]["lastTransitionTime"] == "2026-11-25T12:00:00Z"
    unready = restarted.becoming(later, ready=False)
    assert conditions(unready)["Ready"]["lastTransitionTime"] == "2026-11-25T12:01:00Z"
    assert conditions(unready)["PodScheduled"]["lastTransitionTime"] == "2026-11-25T12:00:00Z"


def test_how_a_container_ended_last_stays_visible() -> None:
    state = NEW.becoming(NOON, state=Running(NOON), last=FAILED, restarts=1)
    (container,) = status_of(state, 1)["containerStatuses"]
    assert container["restartCount"] == 1
    assert container["lastState"]["terminated"]["exitCode"] == 137
    assert "running" in container["state"]
