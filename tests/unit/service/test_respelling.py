from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from tests.support.copies import clone, documented, rule
from tests.support.reviews import UID, disk_snapshot_created, encoded, review_document
from webhook.admission.review import Review
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.gate.verdict import Verdict
from webhook.service.admission import admission_application
from webhook.service.metrics import AdmissionMetrics

JSON = {"Content-Type": "application/json"}
RULES = [rule("root", "root-2")]


def cloned(**copy: Any) -> bytes:
    return encoded(review_document(VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for=clone("copy", **copy)))


class NoJudge:
    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        raise AssertionError("a mutation judges nothing and needs no facts")


@asynccontextmanager
async def serving(registry: CollectorRegistry) -> AsyncIterator[TestClient[Any, Any]]:
    application = admission_application(NoJudge(), AdmissionMetrics(registry))
    async with TestClient(TestServer(application)) as client:
        yield client


async def mutated(client: TestClient[Any, Any], body: bytes) -> dict[str, Any]:
    async with client.post("/mutate?timeout=3s", data=body, headers=JSON) as response:
        assert response.status == 200
        answered: dict[str, Any] = (await response.json())["response"]
        assert (answered["uid"], answered["allowed"]) == (UID, True)
        return answered


def counted(registry: CollectorRegistry, outcome: str, kind: str = "VirtualMachineOperation") -> float | None:
    labels = {"kind": kind, "operation": "CREATE", "outcome": outcome}
    return registry.get_sample_value("snapgate_admission_mutations_total", labels)


async def test_documented_spelling_is_patched_counted_and_logged_by_its_path() -> None:
    registry = CollectorRegistry()
    async with serving(registry) as client:
        with capture_logs() as logs:
            answered = await mutated(client, cloned(nameReplacements=documented(RULES)))
    assert answered["patchType"] == "JSONPatch"
    assert msgspec.json.decode(base64.b64decode(answered["patch"])) == [
        {"op": "remove", "path": "/spec/clone/nameReplacements"},
        {"op": "add", "path": "/spec/clone/nameReplacement", "value": RULES},
    ]
    assert answered["auditAnnotations"] == {"decision": "patched"}
    (entry,) = logs
    assert (entry["event"], entry["decision"], entry["name"]) == ("mutation answered", "patched", "copy")
    assert entry["paths"] == ["/spec/clone/nameReplacements", "/spec/clone/nameReplacement"]
    assert counted(registry, "patched") == 1
    labels = {"call": "mutate", "kind": "VirtualMachineOperation", "operation": "CREATE"}
    assert registry.get_sample_value("snapgate_admission_duration_seconds_count", labels) == 1


@pytest.mark.parametrize(
    ("body", "outcome", "kind"),
    [
        (cloned(nameReplacement=RULES), "kept", "VirtualMachineOperation"),
        (encoded(disk_snapshot_created(subResource="status")), "passed", "VirtualDiskSnapshot"),
    ],
)
async def test_what_needs_no_change_gets_no_patch(body: bytes, outcome: str, kind: str) -> None:
    registry = CollectorRegistry()
    async with serving(registry) as client:
        answered = await mutated(client, body)
    assert answered == {"uid": UID, "allowed": True, "auditAnnotations": {"decision": outcome}}
    assert counted(registry, outcome, kind) == 1


async def test_what_nobody_should_have_sent_is_a_warning_in_the_log() -> None:
    async with serving(CollectorRegistry()) as client:
        with capture_logs() as logs:
            await mutated(client, encoded(disk_snapshot_created(operation="CONNECT")))
    assert [(entry["log_level"], entry["passage"]) for entry in logs] == [("warning", "foreign")]


async def test_what_is_no_review_is_refused_as_by_validation() -> None:
    registry = CollectorRegistry()
    async with serving(registry) as client, client.post("/mutate", data=b"{}", headers=JSON) as response:
        assert response.status == 400
    assert registry.get_sample_value("snapgate_admission_errors_total", {"stage": "review"}) == 1
