from __future__ import annotations

from typing import Any

import pytest

from lab.machines.restarts import changes_awaiting_restart, launch_configuration
from tests.support.machine_side import machine

BEFORE = launch_configuration(machine(spec={"cpu": {"cores": 1, "coreFraction": "50%"}}))


@pytest.mark.parametrize(
    ("cpu", "changes"),
    [
        ({"cores": 1, "coreFraction": "50%"}, []),
        ({"cores": 2, "coreFraction": "50%"}, [("replace", "cpu.cores")]),
        ({"cores": 1}, [("remove", "cpu.coreFraction")]),
        ({"cores": 1, "coreFraction": "50%", "model": "Nehalem"}, [("add", "cpu.model")]),
    ],
)
def test_each_difference_is_one_change(cpu: dict[str, Any], changes: list[tuple[str, str]]) -> None:
    found = changes_awaiting_restart(machine(spec={"cpu": cpu}), BEFORE)
    assert [(each["operation"], each["path"]) for each in found] == changes


def test_run_policy_takes_effect_without_a_restart() -> None:
    running_with = launch_configuration(machine(run_policy="AlwaysOn"))
    assert changes_awaiting_restart(machine(run_policy="Manual"), running_with) == ()


def test_machine_that_is_off_has_nothing_to_restart_for() -> None:
    assert changes_awaiting_restart(machine(spec={"cpu": {"cores": 8}}), None) == ()
