from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from tests.support.reviews import UID, disk_snapshot_created, encoded
from webhook.admission.review import Review
from webhook.api.reference import Reference
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.facts.source import UnreadableError
from webhook.gate.gate import NotSyncedError
from webhook.gate.verdict import Verdict
from webhook.kube.authorization import ReviewError
from webhook.service.admission import admission_application
from webhook.service.metrics import AdmissionMetrics

BODY = encoded(disk_snapshot_created())
JSON = {"Content-Type": "application/json"}
ALLOWED = Verdict(Reference("VirtualDiskSnapshot", "default", "snap"), facts_age_seconds=0.5)


class Judge:
    def __init__(self, judge: Callable[[Review, float], Awaitable[Verdict]]) -> None:
        self._judge = judge

    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        return await self._judge(review, deadline)


def failing_with(error: Exception) -> Judge:
    async def judge(_review: Review, _deadline: float) -> Verdict:
        raise error

    return Judge(judge)


async def _allow(_review: Review, _deadline: float) -> Verdict:
    return ALLOWED


ALLOWING = Judge(_allow)


@asynccontextmanager
async def serving(
    judge: Judge, registry: CollectorRegistry | None = None, **limits: int
) -> AsyncIterator[TestClient[Any, Any]]:
    metrics = AdmissionMetrics(registry or CollectorRegistry())
    async with TestClient(TestServer(admission_application(judge, metrics, **limits))) as client:
        yield client


async def test_verdict_is_answered_and_counted() -> None:
    registry = CollectorRegistry()
    async with serving(ALLOWING, registry) as client:
        response = await client.post("/validate?timeout=10s", data=BODY, headers=JSON)
        assert response.status == 200
        assert response.content_type == "application/json"
        assert (await response.json())["response"]["uid"] == UID
    labels = {"kind": "VirtualDiskSnapshot", "operation": "CREATE", "decision": "allowed"}
    assert registry.get_sample_value("snapgate_admission_decisions_total", labels) == 1
    assert registry.get_sample_value("snapgate_admission_in_flight") == 0


async def test_counters_are_there_before_anything_happens() -> None:
    registry = CollectorRegistry()
    AdmissionMetrics(registry)
    labels = {"kind": "VirtualMachineSnapshot", "code": "ConsistencyUnavailable", "action": "deny"}
    assert registry.get_sample_value("snapgate_admission_findings_total", labels) == 0
    assert registry.get_sample_value("snapgate_admission_errors_total", {"stage": "internal"}) == 0


async def test_judge_gets_what_is_left_of_the_callers_timeout() -> None:
    left: list[float] = []

    async def judge(_review: Review, deadline: float) -> Verdict:
        left.append(deadline - asyncio.get_running_loop().time())
        return ALLOWED

    async with serving(Judge(judge)) as client:
        await client.post("/validate?timeout=4s", data=BODY, headers=JSON)
    assert 3.0 < left[0] <= 3.5


async def test_decision_is_logged_with_who_asked_and_without_the_object() -> None:
    async with serving(ALLOWING) as client:
        with capture_logs() as logs:
            await client.post("/validate", data=BODY, headers=JSON)
    (entry,) = logs
    assert entry.pop("milliseconds") >= 0
    assert entry == {
        "event": "review answered",
        "log_level": "info",
        "uid": UID,
        "kind": "VirtualDiskSnapshot virtualization.deckhouse.io/v1alpha2",
        "operation": "CREATE",
        "subresource": None,
        "namespace": "default",
        "name": "snap",
        "user": "ann",
        "dry_run": False,
        "decision": "allowed",
        "passage": None,
        "codes": [],
        "escaped": None,
        "confirmation": "not-needed",
        "permissions_unknown": None,
    }


async def test_caller_is_asked_to_come_again_while_nothing_is_known() -> None:
    async with serving(failing_with(NotSyncedError("the first lists are not complete"))) as client:
        response = await client.post("/validate", data=BODY, headers=JSON)
        assert (response.status, response.headers["Retry-After"]) == (503, "1")
        assert response.headers["Connection"] == "close"


async def test_caller_is_asked_to_come_again_while_too_many_are_judged() -> None:
    arrived, release = asyncio.Event(), asyncio.Event()

    async def judge(_review: Review, _deadline: float) -> Verdict:
        arrived.set()
        await release.wait()
        return ALLOWED

    async with serving(Judge(judge), max_in_flight=1) as client:
        first = asyncio.create_task(_status(client))
        await asyncio.wait_for(arrived.wait(), 30)
        for path in ("/validate", "/mutate"):
            response = await client.post(path, data=BODY, headers=JSON)
            assert (response.status, response.headers["Retry-After"]) == (503, "1")
        release.set()
        assert await first == 200
        assert await _status(client) == 200


async def _status(client: TestClient[Any, Any]) -> int:
    async with client.post("/validate", data=BODY, headers=JSON) as response:
        return response.status


@pytest.mark.parametrize(
    ("error", "stage"),
    [
        (RuntimeError("secret detail"), "internal"),
        (UnreadableError(VIRTUAL_MACHINE, "default", "linux-vm", "phase is no string"), "unreadable"),
        (ReviewError("busy"), "permissions"),
    ],
)
async def test_own_failure_is_a_500_that_names_the_review_and_no_verdict(error: Exception, stage: str) -> None:
    registry = CollectorRegistry()
    async with serving(failing_with(error), registry) as client:
        with capture_logs() as logs:
            response = await client.post("/validate", data=BODY, headers=JSON)
        text = await response.text()
    assert response.status == 500
    assert UID in text
    assert "secret detail" not in text
    assert [(entry["event"], entry["uid"]) for entry in logs] == [("review failed", UID)]
    assert registry.get_sample_value("snapgate_admission_errors_total", {"stage": stage}) == 1


async def test_body_that_never_arrives_is_given_up_at_the_deadline() -> None:
    async def nothing() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with serving(ALLOWING) as client:
        response = await client.post("/validate?timeout=100ms", data=nothing(), headers=JSON)
        assert response.status == 408


async def test_judge_that_does_not_come_back_is_given_up_soon_after_the_deadline() -> None:
    registry = CollectorRegistry()

    async def never(_review: Review, _deadline: float) -> Verdict:
        await asyncio.Event().wait()
        raise AssertionError

    async with serving(Judge(never), registry) as client:
        response = await asyncio.wait_for(client.post("/validate?timeout=600ms", data=BODY, headers=JSON), 30)
        assert response.status == 504
    assert registry.get_sample_value("snapgate_admission_errors_total", {"stage": "timeout"}) == 1
    assert registry.get_sample_value("snapgate_admission_in_flight") == 0


async def test_judge_that_uses_all_its_time_is_still_heard() -> None:
    async def late(_review: Review, deadline: float) -> Verdict:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await asyncio.Event().wait()
        return ALLOWED

    async with serving(Judge(late)) as client:
        assert (await client.post("/validate?timeout=600ms", data=BODY, headers=JSON)).status == 200
