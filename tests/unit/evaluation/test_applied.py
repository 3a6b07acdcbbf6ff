"""Manifests whose object is there already: applying one of them is an update."""

from __future__ import annotations

from typing import Final

import pytest

from tests.support import copies
from tests.support.manifests import Json
from tests.support.operation_worlds import OPERATION, SUFFIX, clone, copy_of_snapshot, healthy, restore
from tests.support.requests import create, snapshot_of_machine
from tests.support.source_manifests import PAGE_DISK, PAGE_SNAPSHOT, disk_from
from tests.support.world import World
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.facts.request import Request
from webhook.findings.policy import Policy

FINISHED: Final[Json] = {"phase": "Completed"}
CLONE: Final = copies.clone(OPERATION, **SUFFIX)


def cloned(world: World) -> World:
    """With the copy, which has the names now."""
    healthy(world).put(VIRTUAL_MACHINE_OPERATION, CLONE | {"status": FINISHED})
    return world.machine("linux-vm-copy", phase="Stopped")


def recovered_over(world: World, *, phase: str, snapshot: str = "another") -> Evaluation:
    """The page's manifest, which has the name of the disk that it recovers."""
    world.captured(PAGE_SNAPSHOT, of=PAGE_DISK).put(VIRTUAL_DISK, disk_from(snapshot, phase=phase))
    return evaluate(create(VIRTUAL_DISK, disk_from()), world, Policy())


def codes(evaluation: Evaluation) -> list[str]:
    return [judged.finding.code for judged in evaluation.findings]


def test_what_was_applied_before_is_not_judged_again(world: World) -> None:
    """A repository keeps the manifest of a clone that was made long ago."""
    evaluation = evaluate(clone("Strict"), cloned(world), Policy())
    assert (codes(evaluation), evaluation.plan.steps) == ([], ())


@pytest.mark.parametrize("mode", ["DryRun", "Strict"])
def test_another_spec_under_the_same_name_is_an_edit(mode: str, world: World) -> None:
    asked = clone(mode, customization={"nameSuffix": "-other"})
    evaluation = evaluate(asked, cloned(world), Policy())
    assert (codes(evaluation), evaluation.denied) == (["SpecImmutable"], True)


@pytest.mark.parametrize("request_", [restore("Strict"), copy_of_snapshot("Strict"), snapshot_of_machine("linux-vm")])
def test_name_that_is_free_is_a_creation(request_: Request, world: World) -> None:
    assert "SpecImmutable" not in codes(evaluate(request_, healthy(world), Policy()))


def test_what_the_api_server_gave_a_uid_is_a_creation(world: World) -> None:
    """It would ask about an update; what has the name in the cache was deleted a moment ago."""
    asked = create(VIRTUAL_MACHINE_OPERATION, CLONE | {"metadata": CLONE["metadata"] | {"uid": "new"}})
    assert "NameTaken" in codes(evaluate(asked, cloned(world), Policy()))


def test_disk_is_not_recovered_over_itself(world: World) -> None:
    assert codes(recovered_over(world, phase="Ready")) == ["DiskSourceImmutable"]


@pytest.mark.parametrize(("phase", "snapshot"), [("Pending", "another"), ("Ready", PAGE_SNAPSHOT)])
def test_disk_that_has_no_data_yet_or_this_very_data_may_be_applied(phase: str, snapshot: str, world: World) -> None:
    assert codes(recovered_over(world, phase=phase, snapshot=snapshot)) == []


def test_start_of_a_machine_needs_no_look_up(world: World) -> None:
    start = {"metadata": {"name": "start"}, "spec": {"type": "Start", "virtualMachineName": "linux-vm"}}
    known = world.without_kind(VIRTUAL_MACHINE_OPERATION)
    assert codes(evaluate(create(VIRTUAL_MACHINE_OPERATION, start), known, Policy())) == []
