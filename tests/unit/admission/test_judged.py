from __future__ import annotations

from typing import Any

import pytest

from tests.support import manifests
from tests.support.manifests import Json
from tests.support.passage_cases import PASSAGE_CASES, PassageCase
from tests.support.reviews import disk_snapshot_created, disk_snapshot_updated, review, review_document
from webhook.admission.judged import COLLECTORS, EXECUTORS, Passage, passage
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

BEFORE = manifests.disk_snapshot("snap", of="data")
AFTER = manifests.disk_snapshot("snap", of="other")


def changed(base: Json, **metadata: object) -> Json:
    return base | {"metadata": base["metadata"] | metadata}


def test_create_of_a_snapshot_is_judged() -> None:
    assert passage(review(disk_snapshot_created())) is None


def test_update_of_the_spec_is_judged() -> None:
    assert passage(review(disk_snapshot_updated(BEFORE, AFTER))) is None


def test_delete_is_judged() -> None:
    assert passage(review(review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=BEFORE))) is None


@pytest.mark.parametrize("name", ["snap", ""])
def test_deletion_of_many_is_judged_one_by_one(name: str) -> None:
    """A deletecollection sends a review per object, each without a name."""
    assert passage(review(review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=BEFORE, name=name))) is None


@pytest.mark.parametrize("username", sorted(COLLECTORS | EXECUTORS))
def test_controllers_delete_unjudged(username: str) -> None:
    document = review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=BEFORE, userInfo={"username": username})
    assert passage(review(document)) is Passage.CONTROLLER


@pytest.mark.parametrize("username", sorted(COLLECTORS))
def test_collectors_are_judged_like_anyone_when_they_write(username: str) -> None:
    assert passage(review(disk_snapshot_updated(BEFORE, AFTER, userInfo={"username": username}))) is None


@pytest.mark.parametrize("username", sorted(EXECUTORS))
def test_executors_are_never_judged(username: str) -> None:
    assert passage(review(disk_snapshot_updated(BEFORE, AFTER, userInfo={"username": username}))) is Passage.CONTROLLER
    assert passage(review(disk_snapshot_created(userInfo={"username": username}))) is Passage.CONTROLLER


def test_who_executes_may_be_set() -> None:
    mine = disk_snapshot_created(userInfo={"username": "mine"})
    assert passage(review(mine), frozenset({"mine"})) is Passage.CONTROLLER
    platforms = disk_snapshot_created(userInfo={"username": min(EXECUTORS)})
    assert passage(review(platforms), frozenset({"mine"})) is None


@pytest.mark.parametrize("case", PASSAGE_CASES, ids=str)
def test_write_is_judged_only_where_a_rule_is_about_it(case: PassageCase) -> None:
    before = case.before
    if before is not None and case.going:
        before = changed(before, deletionTimestamp=manifests.MOMENT)
    after = case.after
    if after is not None and case.going:
        after = changed(after, deletionTimestamp=manifests.MOMENT)
    document = review_document(
        case.kind, case.operation, asked_for=after, present=before, userInfo={"username": case.user}
    )
    assert passage(review(document)) is case.expected


@pytest.mark.parametrize(
    "before",
    [None, {}, {"spec": None}, {"spec": "text"}, {"spec": {"dataSource": "text"}}, {"spec": {"dataSource": None}}],
)
def test_disk_of_any_shape_is_let_through_or_judged(before: Json | None) -> None:
    after = {"metadata": {"name": "it"}, "spec": {"persistentVolumeClaim": {"size": 7}}}
    updated = review_document(VIRTUAL_DISK, "UPDATE", asked_for=after, oldObject=before or {})
    assert passage(review(updated)) is None
    created = review_document(VIRTUAL_DISK, "CREATE", object=before or {})
    assert passage(review(created)) in {None, Passage.UNCONCERNED}


@pytest.mark.parametrize("user", [None, {}, {"username": None}, {"username": "system:serviceaccount:ci:deployer"}])
def test_everyone_else_is_judged_as_a_person(user: Json | None) -> None:
    document = review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=BEFORE, userInfo=user)
    assert passage(review(document)) is None


def test_deletion_of_what_is_going_anyway_passes() -> None:
    going = changed(BEFORE, deletionTimestamp=manifests.MOMENT)
    assert passage(review(review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=going))) is Passage.DELETING


@pytest.mark.parametrize(
    ("kind", "operation", "expected"),
    [
        (VIRTUAL_MACHINE_OPERATION, "CREATE", None),
        (VIRTUAL_MACHINE_OPERATION, "UPDATE", None),
        (VIRTUAL_MACHINE_OPERATION, "DELETE", None),
        (VIRTUAL_MACHINE_SNAPSHOT_OPERATION, "CREATE", None),
        (VIRTUAL_MACHINE_SNAPSHOT_OPERATION, "UPDATE", None),
        (VIRTUAL_MACHINE_SNAPSHOT_OPERATION, "DELETE", Passage.FOREIGN),
    ],
)
def test_operations_are_judged_where_there_are_rules(kind: Kind[Any], operation: str, expected: Passage | None) -> None:
    before, after = BEFORE | {"spec": {"type": "Restore"}}, BEFORE | {"spec": {"type": "Clone"}}
    assert passage(review(review_document(kind, operation, asked_for=after, present=before))) is expected


@pytest.mark.parametrize(
    "after",
    [
        changed(BEFORE, labels={"a": "b"}),
        changed(BEFORE, finalizers=["x/y"]),
        changed(BEFORE, annotations={"a": "b"}),
        BEFORE | {"status": {"phase": "Ready"}},
    ],
)
def test_update_that_leaves_the_spec_alone_passes(after: Json) -> None:
    assert passage(review(disk_snapshot_updated(BEFORE, after))) is Passage.UNCHANGED


def test_update_that_leaves_a_misshapen_spec_alone_passes() -> None:
    before = BEFORE | {"spec": {"virtualDiskName": 7}}
    assert passage(review(disk_snapshot_updated(before, changed(before, labels={})))) is Passage.UNCHANGED


def test_update_of_an_object_that_is_being_deleted_passes() -> None:
    after = changed(AFTER, deletionTimestamp=manifests.MOMENT)
    assert passage(review(disk_snapshot_updated(BEFORE, after))) is Passage.DELETING


def test_write_of_a_subresource_passes() -> None:
    assert passage(review(disk_snapshot_updated(BEFORE, AFTER, subResource="status"))) is Passage.SUBRESOURCE


def test_other_kinds_pass_as_foreign() -> None:
    assert passage(review(review_document(VIRTUAL_MACHINE, "CREATE", asked_for=BEFORE))) is Passage.FOREIGN


def test_other_versions_pass_as_foreign() -> None:
    kind = {"group": VIRTUAL_DISK_SNAPSHOT.group, "version": "v9", "kind": VIRTUAL_DISK_SNAPSHOT.name}
    assert passage(review(disk_snapshot_created(kind=kind))) is Passage.FOREIGN


def test_connect_passes_as_foreign() -> None:
    assert passage(review(disk_snapshot_created(operation="CONNECT"))) is Passage.FOREIGN
