"""What is advised to those who need a machine off: the platform does not take a Stop for every machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from tests.support.cases import MACHINE, ROOT
from tests.support.data_exports import data_export
from tests.support.operation_worlds import clone, healthy
from tests.support.requests import create
from tests.support.world import World
from webhook.api.data_export import DATA_EXPORT
from webhook.api.virtual_machine import VIRTUAL_MACHINE, Phase, RunPolicy
from webhook.evaluation.evaluate import evaluate
from webhook.facts.request import Request
from webhook.findings.policy import Policy

STOP: Final = f"stop it first: d8 v stop {MACHINE}"
WAIT: Final = f"wait: kubectl wait vm/{MACHINE} --for=jsonpath={{.status.phase}}=Stopped"
CHANGE: Final = f"set its spec.runPolicy: Manual, then stop it: d8 v stop {MACHINE}"
NEED_IT_OFF: Final[dict[str, Callable[[], Request]]] = {
    "SourceMachineRunning": lambda: clone("Strict"),
    "ExportTargetInUse": lambda: create(DATA_EXPORT, data_export("export", disk=ROOT)),
}


@pytest.mark.parametrize("code", NEED_IT_OFF)
@pytest.mark.parametrize(
    ("run_policy", "phase", "advice"),
    [
        (RunPolicy.MANUAL, Phase.RUNNING, STOP),
        (RunPolicy.ALWAYS_ON_UNLESS_STOPPED_MANUALLY, Phase.STARTING, STOP),
        (RunPolicy.ALWAYS_ON, Phase.RUNNING, CHANGE),
        (RunPolicy.ALWAYS_ON, Phase.STOPPING, CHANGE),
        (RunPolicy.ALWAYS_OFF, Phase.RUNNING, WAIT),
        (RunPolicy.MANUAL, Phase.STOPPING, WAIT),
    ],
)
def test_advice_is_what_the_platform_will_do(
    code: str, run_policy: RunPolicy, phase: Phase, advice: str, world: World
) -> None:
    healthy(world, phase=phase).change(VIRTUAL_MACHINE, MACHINE, spec={"runPolicy": run_policy})
    findings = evaluate(NEED_IT_OFF[code](), world, Policy()).findings
    assert [each.finding.remedy for each in findings if each.finding.code == code] == [advice]
