"""Reviews as the API server sends them, from bytes to bytes."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from tests.contract.checker import check_response
from tests.support import manifests
from tests.support.manifests import Json
from tests.support.reviews import (
    UID,
    disk_snapshot_created,
    disk_snapshot_updated,
    encoded,
    machine_snapshot_created,
    review_document,
)
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE

BEFORE = manifests.disk_snapshot("snap", of="data")
AFTER = manifests.disk_snapshot("snap", of="other")
DELETING = AFTER | {"metadata": AFTER["metadata"] | {"deletionTimestamp": manifests.MOMENT, "finalizers": []}}


def with_object(document: Json, **members: Any) -> Json:
    document["request"]["object"] |= members
    return document


async def answer(webhook: TestClient[Any, Any], document: Json) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    async with webhook.post("/validate?timeout=10s", data=encoded(document), headers=headers) as response:
        assert response.status == 200
        return check_response(await response.read(), document["request"]["uid"])


@pytest.mark.parametrize(
    ("document", "decision"),
    [
        pytest.param(disk_snapshot_created(of="data"), "allowed", id="disk snapshot"),
        pytest.param(machine_snapshot_created(of="linux-vm"), "allowed", id="machine snapshot"),
        pytest.param(disk_snapshot_created(of="data", dryRun=True), "allowed", id="dry run"),
        pytest.param(
            with_object(disk_snapshot_created(of="data"), status=None, metadata={"name": "snap", "labels": None}),
            "allowed",
            id="nulls",
        ),
        pytest.param(
            with_object(disk_snapshot_created(of="data", name=""), metadata={"generateName": "nightly-"}),
            "allowed",
            id="generateName",
        ),
        pytest.param(disk_snapshot_created(of="data", userInfo={}), "allowed", id="nobody"),
        pytest.param(disk_snapshot_updated(BEFORE, BEFORE), "passed", id="unchanged"),
        pytest.param(disk_snapshot_updated(BEFORE, AFTER, subResource="status"), "passed", id="status"),
        pytest.param(disk_snapshot_updated(BEFORE, DELETING), "passed", id="deleting"),
        pytest.param(review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=BEFORE), "allowed", id="delete"),
        pytest.param(
            review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=BEFORE, name=""), "allowed", id="deletecollection"
        ),
        pytest.param(review_document(VIRTUAL_MACHINE, "CREATE", asked_for=BEFORE), "passed", id="foreign kind"),
        pytest.param(disk_snapshot_created(operation="CONNECT"), "passed", id="connect"),
    ],
)
async def test_request_goes_through(webhook: TestClient[Any, Any], document: Json, decision: str) -> None:
    response = await answer(webhook, document)
    assert response["allowed"]
    assert response["auditAnnotations"]["decision"] == decision


@pytest.mark.parametrize(
    ("document", "causes"),
    [
        pytest.param(
            machine_snapshot_created(of="mute-vm"),
            {("spec.requiredConsistency", "ConsistencyUnavailable"), ("spec.virtualMachineName", "DiskNotReady")},
            id="two reasons",
        ),
        pytest.param(disk_snapshot_updated(BEFORE, AFTER), {("spec", "SpecImmutable")}, id="edited"),
        pytest.param(
            with_object(disk_snapshot_created(), spec={}), {("spec.virtualDiskName", "SchemaInvalid")}, id="shape"
        ),
    ],
)
async def test_request_is_denied_with_every_reason(
    webhook: TestClient[Any, Any], document: Json, causes: set[tuple[str, str]]
) -> None:
    response = await answer(webhook, document)
    details = response["status"]["details"]
    assert (details["kind"], details["name"]) == (document["request"]["kind"]["kind"], "snap")
    assert {(cause["field"], cause["message"].rpartition("[")[2][:-1]) for cause in details["causes"]} == causes
    assert response["auditAnnotations"]["decision"] == "denied"
    assert response["auditAnnotations"]["codes"] == ",".join(sorted({code for _, code in causes}))


async def test_missing_disk_is_accepted_with_a_warning(webhook: TestClient[Any, Any]) -> None:
    response = await answer(webhook, disk_snapshot_created(of="later"))
    assert response["warnings"] == [
        "stays Pending: VirtualDisk later does not exist in namespace default; check the name: kubectl get vd "
        "[DiskNotFound]"
    ]


async def test_foreign_kind_is_allowed_with_a_warning_that_names_it(webhook: TestClient[Any, Any]) -> None:
    (warning,) = (await answer(webhook, review_document(VIRTUAL_MACHINE, "CREATE", asked_for=BEFORE)))["warnings"]
    assert "VirtualMachine" in warning


async def test_same_review_gets_the_same_answer(webhook: TestClient[Any, Any]) -> None:
    first, second = [await answer(webhook, machine_snapshot_created(of="mute-vm")) for _ in range(2)]
    assert first == second
    assert first["uid"] == UID
