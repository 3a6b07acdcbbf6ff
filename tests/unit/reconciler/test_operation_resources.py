"""What a dry run lists in `status.resources`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.operation_changes import begun_clone
from tests.support.operation_worlds import MAC, clone, copy_of_snapshot, healthy, restore
from tests.support.situations import TWINS
from tests.support.twins import Twin
from tests.support.world import World
from webhook.api.operation import OperationResource
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.facts.request import Request
from webhook.findings.code import Action
from webhook.findings.policy import Policy
from webhook.reconciler.status.operation import resources_of

MISSING = {"ClassMissing", "ImageMissing"}


def of(evaluation: Evaluation) -> dict[tuple[str, str], OperationResource]:
    listed = resources_of(evaluation)
    found = {(each.kind, each.name): each for each in listed}
    assert len(found) == len(listed)
    return found


@pytest.mark.parametrize("make", [restore, clone, copy_of_snapshot], ids=["restore", "clone", "copy"])
def test_every_object_of_a_plan_that_nothing_is_in_the_way_of_is_valid(make: Callable[..., Request]) -> None:
    evaluation = evaluate(make("DryRun"), healthy(World()), Policy())
    listed = of(evaluation)
    assert {(each.status, each.message) for each in listed.values()} == {("Completed", "valid")}
    made = {(step.object.kind, step.object.name) for step in evaluation.plan.steps}
    assert listed.keys() == {each for each in made if each[0] != "VirtualMachineSnapshot"}


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_what_is_found_stands_beside_the_object_that_it_is_about(twin: Twin) -> None:
    evaluation = evaluate(*twin.positive("DryRun"), Policy())
    listed = of(evaluation)
    for judged in evaluation.findings:
        finding = judged.finding
        if judged.action is Action.INFO:
            continue
        resource = listed[finding.subject.kind, finding.subject.name]
        assert finding.text in resource.message
        if finding.blocking or finding.code in MISSING:
            assert resource.status == "Failed"
    failed = {key for key, each in listed.items() if each.status == "Failed"}
    about = {(each.finding.subject.kind, each.finding.subject.name) for each in evaluation.findings}
    assert failed <= about


def test_a_name_that_is_taken_fails_the_object_that_would_have_it() -> None:
    world = begun_clone("linux-vm-copy")(healthy(World()))
    listed = of(evaluate(copy_of_snapshot("DryRun"), world, Policy()))
    assert listed["VirtualMachine", "linux-vm-copy"].status == "Failed"
    assert listed["VirtualDisk", "linux-vm-root-copy"].message == "valid"


def test_addresses_are_listed_where_a_machine_comes_back_and_not_where_it_is_copied() -> None:
    assert ("VirtualMachineMACAddress", MAC) in of(evaluate(restore("DryRun"), healthy(World()), Policy()))
    copied = of(evaluate(copy_of_snapshot("DryRun"), healthy(World()), Policy()))
    assert {kind for kind, _ in copied} == {
        "VirtualDisk",
        "VirtualMachine",
        "VirtualMachineBlockDeviceAttachment",
        "Secret",
    }
