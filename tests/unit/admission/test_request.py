from __future__ import annotations

from typing import Any

import pytest

from tests.support import manifests
from tests.support.manifests import Json
from tests.support.reviews import (
    disk_snapshot_created,
    disk_snapshot_updated,
    machine_snapshot_created,
    review,
    review_document,
)
from webhook.admission.request import WrongShapeError, request_from
from webhook.api.reference import Reference
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.facts.request import Operation
from webhook.facts.user import User
from webhook.findings.finding import Finding


def complaint(document: Json) -> Finding:
    with pytest.raises(WrongShapeError) as raised:
        request_from(review(document))
    return raised.value.finding


def with_spec(document: Json, spec: Any) -> Json:
    document["request"]["object"]["spec"] = spec
    return document


def test_create_becomes_a_request_about_the_object() -> None:
    request = request_from(review(disk_snapshot_created(of="data")))
    assert request.operation is Operation.CREATE
    assert request.subject == Reference("VirtualDiskSnapshot", "default", "snap")
    assert request.old_object is None


def test_deletecollection_takes_the_name_from_the_object() -> None:
    document = review_document(
        VIRTUAL_DISK_SNAPSHOT, "DELETE", present=manifests.disk_snapshot("snap", of="data"), name=""
    )
    assert request_from(review(document)).subject.name == "snap"


def test_generate_name_stands_for_a_name_that_is_not_given_yet() -> None:
    document = disk_snapshot_created()
    document["request"]["object"]["metadata"] = {"generateName": "nightly-"}
    assert request_from(review(document)).subject.name == "nightly-*"


def test_nulls_and_a_missing_status_are_fine() -> None:
    document = disk_snapshot_created()
    asked_for = document["request"]["object"]
    asked_for["metadata"] |= {"labels": None, "annotations": None, "finalizers": None}
    asked_for["spec"]["requiredConsistency"] = None
    asked_for["status"] = None
    request = request_from(review(document))
    assert request.object is not None
    assert request.object.spec.required_consistency  # type: ignore[attr-defined]  # the kind says which object it is


@pytest.mark.parametrize(
    ("spec", "field", "text"),
    [
        (
            {},
            "spec.virtualDiskName",
            "this field is required; see: kubectl explain virtualdisksnapshot.spec.virtualDiskName [SchemaInvalid]",
        ),
        (
            {"virtualDiskName": 7},
            "spec.virtualDiskName",
            "expected string, got integer; see: kubectl explain virtualdisksnapshot.spec.virtualDiskName "
            "[SchemaInvalid]",
        ),
        (
            {"virtualDiskName": "d", "requiredConsistency": "yes"},
            "spec.requiredConsistency",
            "expected boolean, got string; see: kubectl explain virtualdisksnapshot.spec.requiredConsistency "
            "[SchemaInvalid]",
        ),
        ("text", "spec", "expected object, got string; see: kubectl explain virtualdisksnapshot.spec [SchemaInvalid]"),
        (None, "spec", "this field is required; see: kubectl explain virtualdisksnapshot.spec [SchemaInvalid]"),
    ],
)
def test_wrong_shape_is_told_with_the_field(spec: Any, field: str, text: str) -> None:
    finding = complaint(with_spec(disk_snapshot_created(), spec))
    assert (finding.field, finding.text) == (field, text)


def test_wrong_shape_in_a_list_is_told_with_its_place() -> None:
    document = machine_snapshot_created()
    document["request"]["object"]["metadata"]["ownerReferences"] = [{"kind": "X"}]
    assert complaint(document).field == "metadata.ownerReferences[0].apiVersion"


def test_object_that_is_no_object_is_told_without_a_field() -> None:
    document = disk_snapshot_created(object="text")
    assert complaint(document).text == (
        "expected object, got string; see: kubectl explain virtualdisksnapshot [SchemaInvalid]"
    )


def test_present_object_of_the_wrong_shape_does_not_stop_its_repair() -> None:
    after = manifests.disk_snapshot("snap", of="data")
    before = after | {"spec": {"virtualDiskName": 7}}
    assert request_from(review(disk_snapshot_updated(before, after))).old_object is None


def test_present_object_of_the_wrong_shape_does_not_stop_its_deletion() -> None:
    document = review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present={"spec": "text"})
    assert request_from(review(document)).object is None


def test_a_request_is_of_whom_the_api_server_says() -> None:
    info = {"username": "ann", "uid": "u-1", "groups": ["team"], "extra": {"b": ["2"], "a": ["1", "0"]}}
    request = request_from(review(disk_snapshot_created(userInfo=info)))
    assert request.user == User("ann", "u-1", ("team",), (("a", ("1", "0")), ("b", ("2",))))


@pytest.mark.parametrize("info", [None, {}, {"username": ""}, {"username": None, "groups": None}])
def test_a_request_without_a_name_is_of_nobody(info: Json | None) -> None:
    assert request_from(review(disk_snapshot_created(userInfo=info))).user is None
