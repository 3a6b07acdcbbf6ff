"""What can be told by those who see only a part of the cluster."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.exported import exported
from tests.support.operation_worlds import clone, copy_of_snapshot, healthy, restore
from tests.support.requests import snapshot_of_machine
from tests.support.world import World
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.evaluation.evaluate import Evaluation, evaluate, evaluate_what_is_known
from webhook.facts.request import Request
from webhook.facts.source import UnreadableError
from webhook.findings.policy import Policy
from webhook.inventory.manifests import Manifests
from webhook.planning.plan import NOTHING


def without(world: World, *kinds: str) -> Manifests:
    return Manifests(each for each in exported(world) if each["kind"] not in kinds)


def known(request: Request, facts: Manifests) -> Evaluation:
    return evaluate_what_is_known(request, facts, Policy())


def codes(evaluation: Evaluation) -> set[str]:
    return {judged.finding.code for judged in evaluation.findings}


def test_what_cannot_be_read_hides_nothing_else() -> None:
    world = healthy(World(), phase="Running")
    evaluation = known(clone("Strict", customization={"nameSuffix": "-copy"}), without(world, SECRET.name))
    assert "SourceMachineRunning" in codes(evaluation)
    assert evaluation.denied
    assert evaluation.unknown


@pytest.mark.parametrize("make", [clone, copy_of_snapshot])
def test_rules_for_names_are_judged_without_what_is_copied(make: Callable[..., Request]) -> None:
    rules = [{"from": {"kind": "Foo", "name": "a"}, "to": "b"}]
    evaluation = known(make("Strict", nameReplacement=rules), without(healthy(World()), SECRET.name))
    assert "ReplacementKindUnknown" in codes(evaluation)


def test_a_machine_that_is_gone_is_told_without_what_was_saved_of_it() -> None:
    others = [each for each in exported(healthy(World())) if each["kind"] not in {SECRET.name, VIRTUAL_MACHINE.name}]
    evaluation = known(restore("Strict"), Manifests(others, listed=[VIRTUAL_MACHINE]))
    assert codes(evaluation) == {"MachineNotFound"}


def test_all_that_is_missing_is_named_at_once() -> None:
    facts = without(healthy(World()), VIRTUAL_DISK.name, VIRTUAL_MACHINE_CLASS.name)
    unknown = known(snapshot_of_machine("linux-vm"), facts).unknown
    for kind in (VIRTUAL_DISK, VIRTUAL_MACHINE_CLASS):
        assert any(f" no {kind.name};" in each for each in unknown)
    assert len(unknown) == len(set(unknown))


def test_a_plan_that_rests_on_what_is_unknown_is_none() -> None:
    assert known(restore("Strict"), without(healthy(World()), SECRET.name)).plan == NOTHING


def test_admission_does_not_decide_by_half() -> None:
    with pytest.raises(UnreadableError):
        evaluate(restore("Strict"), without(healthy(World()), SECRET.name), Policy())
