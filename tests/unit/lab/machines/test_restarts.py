from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.machines.instances import Instances
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


def test_nothing_has_changed_because_the_controllers_restarted(tmp_path: Path) -> None:
    running = machine(spec={"networks": [{"type": "Main"}]})
    Instances(tmp_path / "instances.json").change("uid", launched_with=launch_configuration(running))
    remembered = Instances(tmp_path / "instances.json").get("uid").launched_with
    assert changes_awaiting_restart(running, remembered) == ()
