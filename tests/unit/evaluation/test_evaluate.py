from __future__ import annotations

from typing import Any

import pytest

from tests.support import manifests
from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.requests import create, snapshot_of_disk, snapshot_of_machine
from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.facts.request import Operation, Request
from webhook.facts.source import UnreadableError
from webhook.findings.code import Action, Profile
from webhook.findings.policy import Policy


def test_nothing_found_is_nothing_denied(world: World) -> None:
    world.disk(ROOT).machine(MACHINE, disks=[ROOT])
    evaluation = evaluate(snapshot_of_machine(MACHINE), world, Policy())
    assert evaluation == Evaluation()
    assert not evaluation.denied


def test_what_waits_is_not_denied_and_is_told(world: World) -> None:
    evaluation = evaluate(snapshot_of_disk(ROOT), world, Policy(Profile.GITOPS))
    assert not evaluation.denied
    assert [finding.code for finding in evaluation.waits] == ["DiskNotFound"]
    assert evaluation.warnings == evaluation.waits
    assert evaluation.denials == ()


def test_denials_and_warnings_are_told_apart(world: World) -> None:
    world.disk(ROOT).machine(MACHINE, disks=[ROOT], images=["iso"], agent=False)
    evaluation = evaluate(snapshot_of_machine(MACHINE), world, Policy())
    assert evaluation.denied
    assert [finding.code for finding in evaluation.denials] == ["ConsistencyUnavailable"]
    assert [finding.code for finding in evaluation.warnings] == ["ImagesNotSaved"]


def test_findings_of_one_code_are_ordered_by_subject(world: World) -> None:
    world.disk(ROOT, phase="Failed").disk(DATA, phase="Failed").machine(MACHINE, disks=[ROOT, DATA])
    evaluation = evaluate(snapshot_of_machine(MACHINE), world, Policy())
    assert [judged.finding.subject.name for judged in evaluation.findings] == [DATA, ROOT]


def test_a_disk_listed_twice_is_found_once(world: World) -> None:
    world.disk(ROOT, phase="Failed").machine(MACHINE, disks=[ROOT, ROOT], hotplugged=[ROOT])
    evaluation = evaluate(snapshot_of_machine(MACHINE), world, Policy())
    assert [judged.finding.code for judged in evaluation.findings] == ["DiskNotReady"]


def test_objects_of_another_namespace_are_not_seen(world: World) -> None:
    world.elsewhere("other").disk(ROOT, users=[MACHINE]).machine(MACHINE, disks=[ROOT], agent=False)
    world.elsewhere("default").disk(ROOT)
    assert evaluate(snapshot_of_disk(ROOT), world, Policy()).findings == ()


def test_generated_name_is_shown_with_what_is_known_of_it(world: World) -> None:
    request = create(
        VIRTUAL_DISK_SNAPSHOT, manifests.disk_snapshot("", of=ROOT) | {"metadata": {"generateName": "nightly-"}}
    )
    (judged,) = evaluate(request, world, Policy()).findings
    assert judged.finding.subject.name == "nightly-*"


def test_deleting_a_snapshot_asks_nothing_about_its_disk(world: World) -> None:
    old = snapshot_of_disk(ROOT).object
    request = Request(Operation.DELETE, VIRTUAL_DISK_SNAPSHOT, "default", old_object=old)
    assert evaluate(request, world, Policy()) == Evaluation()


def test_deleting_what_cannot_be_understood_is_let_through(world: World) -> None:
    request = Request(Operation.DELETE, VIRTUAL_DISK_SNAPSHOT, "default")
    assert evaluate(request, world, Policy()) == Evaluation()


def test_a_kind_without_rules_is_let_through(world: World) -> None:
    world.disk(ROOT, phase="Failed")
    request = Request(Operation.CREATE, VIRTUAL_DISK, "default", world.get(VIRTUAL_DISK, "default", ROOT))
    assert evaluate(request, world, Policy()) == Evaluation()


@pytest.mark.parametrize(
    ("kind", "name"), [(VIRTUAL_DISK, ROOT), (VIRTUAL_MACHINE, MACHINE), (PERSISTENT_VOLUME_CLAIM, ROOT)], ids=str
)
def test_an_object_that_cannot_be_read_is_neither_absent_nor_fine(world: World, kind: Kind[Any], name: str) -> None:
    world.disk(ROOT).machine(MACHINE, disks=[ROOT]).change(kind, name, status="not what it should be")
    with pytest.raises(UnreadableError, match=name):
        evaluate(snapshot_of_machine(MACHINE), world, Policy())


def test_off_is_not_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "action", lambda *_, **__: Action.OFF)
    assert evaluate(snapshot_of_disk(ROOT), world, Policy()) == Evaluation()
