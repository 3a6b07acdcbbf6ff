from __future__ import annotations

import pytest

from tests.support import manifests
from tests.support.manifests import Json
from tests.support.reviews import disk_snapshot_created, disk_snapshot_updated, review, review_document
from webhook.admission.judged import Passage, passage
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT

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
    assert passage(review(review_document(VIRTUAL_DISK, "CREATE", asked_for=BEFORE))) is Passage.FOREIGN


def test_other_versions_pass_as_foreign() -> None:
    kind = {"group": VIRTUAL_DISK_SNAPSHOT.group, "version": "v9", "kind": VIRTUAL_DISK_SNAPSHOT.name}
    assert passage(review(disk_snapshot_created(kind=kind))) is Passage.FOREIGN


def test_connect_passes_as_foreign() -> None:
    assert passage(review(disk_snapshot_created(operation="CONNECT"))) is Passage.FOREIGN
