"""What a CRD refuses has the code that the rule with the same meaning has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.requests import create
from tests.support.world import World
from webhook.api.crd import custom_resource_definition
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.evaluation.evaluate import evaluate
from webhook.findings.policy import Policy


def messages(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", ()))
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from messages(each)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"type": "Restore"}, "type Restore needs"),
        ({"type": "Clone"}, "type Clone needs"),
        ({"type": "Clone", "clone": {"mode": "Strict"}}, "the copy needs names"),
        ({"type": "Start", "force": True}, "by force"),
        ({"type": "Stop", "migrate": {}}, "goes with type Migrate only"),
    ],
)
def test_crd_and_rule_give_one_code(spec: dict[str, Any], said: str) -> None:
    operation = {"metadata": {"name": "a"}, "spec": {"virtualMachineName": "linux-vm", **spec}}
    world = World().machine("linux-vm", phase="Stopped")
    found = {
        judged.finding.code
        for judged in evaluate(create(VIRTUAL_MACHINE_OPERATION, operation), world, Policy()).findings
    }
    (message,) = (each for each in messages(custom_resource_definition(VIRTUAL_MACHINE_OPERATION)) if said in each)
    code = re.search(r"\[(\w+)\]$", message)
    assert code is not None
    assert code[1] in found
