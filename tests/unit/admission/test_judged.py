from __future__ import annotations

from typing import Any

import pytest

from tests.support import manifests, source_manifests
from tests.support.manifests import Json
from tests.support.reviews import disk_snapshot_created, disk_snapshot_updated, review, review_document
from webhook.admission.judged import CONTROLLERS, Passage, passage
from webhook.api.data_export import DATA_EXPORT, LEGACY_DATA_EXPORT
from webhook.api.kind import Kind
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
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


@pytest.mark.parametrize("username", sorted(CONTROLLERS))
def test_controllers_delete_unjudged(username: str) -> None:
    document = review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=BEFORE, userInfo={"username": username})
    assert passage(review(document)) is Passage.CONTROLLER


@pytest.mark.parametrize("username", sorted(CONTROLLERS))
def test_controllers_are_judged_like_anyone_when_they_write(username: str) -> None:
    assert passage(review(disk_snapshot_updated(BEFORE, AFTER, userInfo={"username": username}))) is None


@pytest.mark.parametrize("user", [None, {}, {"username": None}, {"username": "system:serviceaccount:ci:deployer"}])
def test_everyone_else_is_judged_as_a_person(user: Json | None) -> None:
    document = review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=BEFORE, userInfo=user)
    assert passage(review(document)) is None


@pytest.mark.parametrize("username", sorted(CONTROLLERS))
@pytest.mark.parametrize("kind", [VIRTUAL_DISK, SECRET], ids=str)
def test_controllers_make_and_change_their_own_unjudged(kind: Kind[Any], username: str) -> None:
    by = {"username": username}
    assert passage(review(review_document(kind, "CREATE", asked_for=BEFORE, userInfo=by))) is Passage.CONTROLLER
    document = review_document(kind, "UPDATE", asked_for=AFTER, present=BEFORE, userInfo=by)
    assert passage(review(document)) is Passage.CONTROLLER


@pytest.mark.parametrize(
    ("kind", "operations"),
    [
        (VIRTUAL_DISK, ("CREATE", "UPDATE")),
        (SECRET, ("CREATE", "UPDATE", "DELETE")),
        (DATA_EXPORT, ("CREATE",)),
        (LEGACY_DATA_EXPORT, ("CREATE",)),
    ],
    ids=str,
)
def test_disks_exports_and_content_are_judged_where_there_are_rules(
    kind: Kind[Any], operations: tuple[str, ...]
) -> None:
    judged = [
        operation
        for operation in ("CREATE", "UPDATE", "DELETE")
        if passage(review(review_document(kind, operation, asked_for=AFTER, present=BEFORE))) is None
    ]
    assert judged == list(operations)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"data": {"vm": "e30K"}}, None),
        ({"data": None}, None),
        ({"metadata": manifests.metadata("content", labels={"a": "b"})}, Passage.UNCHANGED),
    ],
)
def test_of_a_secret_the_data_counts(after: Json, expected: Passage | None) -> None:
    before = source_manifests.secret("content", type_=SNAPSHOT_SECRET_TYPE)
    document = review_document(SECRET, "UPDATE", asked_for=before | after, present=before)
    assert passage(review(document)) is expected


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
