"""`kubectl apply --dry-run=server` is the whole pre-flight: what would happen, and nothing written."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.support.audited_writes import settled, writes
from tests.support.captured_machines import (
    IMAGE,
    MACHINE,
    captured_machine,
    clone,
    copy_of_snapshot,
    restore,
)
from tests.support.golden import assert_golden, told
from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab

GOLDEN: Final = Path(__file__).parent / "golden"
DRY: Final = ("--dry-run=server",)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("restore", restore()),
        ("clone", clone()),
        ("copy", copy_of_snapshot()),
        ("restore-rehearsal", restore(mode="DryRun")),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_the_plan_is_told_and_nothing_is_written(name: str, asked: Json, kubectl: Kubectl, lab: RunningLab) -> None:
    captured_machine(kubectl)
    before = settled(lab, kubectl.namespace)
    answer = kubectl.apply(asked, flags=DRY)
    assert answer.ok
    assert_golden(GOLDEN / f"plan-{name}.txt", told(answer, kubectl))
    kubectl.must("get", "vm", MACHINE)  # a marker in the log: all that came before it is written down
    assert writes(lab, kubectl.namespace, after=before) == []


def test_a_running_machine_would_be_stopped_and_what_is_gone_left_out(kubectl: Kubectl, lab: RunningLab) -> None:
    captured_machine(kubectl)
    kubectl.must("patch", "vm", MACHINE, "--type=merge", '--patch={"spec":{"runPolicy":"AlwaysOn"}}')
    kubectl.wait_for_phase(f"vm/{MACHINE}", "Running")
    kubectl.must("delete", "virtualimage", IMAGE)
    answer = kubectl.apply(restore(mode="BestEffort"), flags=DRY)
    assert answer.ok
    assert_golden(GOLDEN / "plan-restore-best-effort.txt", told(answer, kubectl))
    assert kubectl.get("vm", MACHINE)["status"]["phase"] == "Running"


def test_a_denied_dry_run_writes_nothing_and_says_what_the_real_one_does(kubectl: Kubectl, lab: RunningLab) -> None:
    captured_machine(kubectl)
    kubectl.must("delete", "vm", MACHINE, "--wait=true")
    before = settled(lab, kubectl.namespace)
    dry = kubectl.apply(restore(), flags=DRY)
    real = kubectl.apply(restore())
    assert (dry.code, real.code, dry.said) == (1, 1, real.said)
    asked = [each for each in writes(lab, kubectl.namespace, after=before) if "operations" in each]
    assert asked == []
