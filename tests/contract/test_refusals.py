"""Bodies that are no review of ours: each gets a status and a text that its sender can act on."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from tests.contract.checker import check_response
from tests.support.reviews import UID, disk_snapshot_created, encoded, review_document
from webhook.admission.reading import MAX_REVIEW_BYTES
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT

REVIEW = disk_snapshot_created()
GOOD = encoded(REVIEW)
JSON = "application/json"


def padded(size: int) -> bytes:
    """A valid review of exactly this many bytes."""
    return GOOD + b" " * (size - len(GOOD))


@pytest.mark.parametrize(
    ("content_type", "body", "status", "text"),
    [
        pytest.param(JSON, b"", 400, "the body is not JSON: Input data was truncated", id="empty"),
        pytest.param(
            JSON, b"pods", 400, "the body is not JSON: JSON is malformed: invalid character (byte 0)", id="text"
        ),
        pytest.param(JSON, GOOD[:-1], 400, "the body is not JSON: Input data was truncated", id="truncated"),
        pytest.param(JSON, b'{"kind": "\xff"}', 400, "the body is not UTF-8 from byte 10 on", id="no utf-8"),
        pytest.param(
            JSON,
            b"[" * 9 + b"]" * 9,
            400,
            "the body is not an AdmissionReview: Expected `object`, got `array`",
            id="list",
        ),
        pytest.param(
            JSON,
            b'{"a":' + b"[" * 90_000 + b"]" * 90_000 + b"}",
            400,
            "the body is nested too deeply to be read",
            id="deep",
        ),
        pytest.param(
            JSON,
            encoded(REVIEW["request"]["object"]),
            400,
            "expected kind 'AdmissionReview' of apiVersion 'admission.k8s.io/v1', got kind 'VirtualDiskSnapshot' of "
            "apiVersion 'virtualization.deckhouse.io/v1alpha2'",
            id="the object itself",
        ),
        pytest.param(
            JSON,
            encoded(REVIEW | {"apiVersion": "admission.k8s.io/v1beta1"}),
            400,
            "expected kind 'AdmissionReview' of apiVersion 'admission.k8s.io/v1', got kind 'AdmissionReview' of "
            "apiVersion 'admission.k8s.io/v1beta1'",
            id="old version",
        ),
        pytest.param(
            JSON, encoded(REVIEW | {"request": None}), 400, "the AdmissionReview has no request", id="no request"
        ),
        pytest.param(
            JSON,
            encoded(review_document(VIRTUAL_DISK_SNAPSHOT, "CREATE")),
            400,
            "the AdmissionReview of a CREATE has no object",
            id="no object",
        ),
        pytest.param(
            "text/plain", GOOD, 415, "send an AdmissionReview as application/json, not as text/plain", id="text"
        ),
        pytest.param(
            "application/yaml",
            GOOD,
            415,
            "send an AdmissionReview as application/json, not as application/yaml",
            id="yaml",
        ),
        pytest.param(
            JSON,
            padded(MAX_REVIEW_BYTES + 1),
            413,
            "the body is over 7 MiB, more than two objects of the largest size that the API server accepts",
            id="too large",
        ),
    ],
)
async def test_what_is_no_review_is_refused_with_a_reason(
    webhook: TestClient[Any, Any], content_type: str, body: bytes, status: int, text: str
) -> None:
    async with webhook.post("/validate", data=BytesIO(body), headers={"Content-Type": content_type}) as response:
        assert response.status == status
        assert response.content_type == "text/plain"
        assert await response.text() == f"{text}\n"


async def test_body_of_the_largest_size_is_judged(webhook: TestClient[Any, Any]) -> None:
    async with webhook.post(
        "/validate", data=BytesIO(padded(MAX_REVIEW_BYTES)), headers={"Content-Type": JSON}
    ) as response:
        assert response.status == 200
        check_response(await response.read(), UID)


async def test_body_without_a_length_is_refused_when_it_grows_too_large(webhook: TestClient[Any, Any]) -> None:
    async def pieces() -> Any:
        for _ in range(8):
            yield b" " * (1024 * 1024)

    async with webhook.post("/validate", data=pieces(), headers={"Content-Type": JSON}) as response:
        assert response.status == 413


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
async def test_content_type_may_have_parameters_and_any_case(webhook: TestClient[Any, Any], content_type: str) -> None:
    async with webhook.post("/validate", data=GOOD, headers={"Content-Type": content_type}) as response:
        assert response.status == 200


async def test_other_methods_are_refused(webhook: TestClient[Any, Any]) -> None:
    async with webhook.get("/validate") as response:
        assert response.status == 405
