from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from webhook.service.metrics import AdmissionMetrics
from webhook.service.probes import NotReadyReason, probe_application


def strict_policy() -> bytes:
    return b'{"profile": "strict"}'


@asynccontextmanager
async def probing(
    *readiness: NotReadyReason, registry: CollectorRegistry | None = None
) -> AsyncIterator[TestClient[Any, Any]]:
    application = probe_application(registry or CollectorRegistry(), readiness, strict_policy)
    async with TestClient(TestServer(application)) as client:
        yield client


async def test_process_is_ready_when_nothing_speaks_against_it() -> None:
    async with probing(lambda: None) as client:
        assert (await client.get("/readyz")).status == 200


async def test_process_that_is_not_ready_says_everything_that_is_missing() -> None:
    async with probing(lambda: "no certificate", lambda: None, lambda: "not synced") as client:
        response = await client.get("/readyz")
        assert response.status == 503
        assert await response.text() == "not ready: no certificate\nnot ready: not synced\n"


async def test_process_is_alive_while_it_is_not_ready() -> None:
    async with probing(lambda: "not synced") as client:
        assert (await client.get("/livez")).status == 200


async def test_process_that_works_all_the_same_says_what_is_wrong() -> None:
    application = probe_application(
        CollectorRegistry(), [lambda: None], strict_policy, remarks=[lambda: None, lambda: "tls.key is cut off"]
    )
    async with TestClient(TestServer(application)) as client:
        response = await client.get("/readyz")
        assert (response.status, await response.text()) == (200, "ok\nbut: tls.key is cut off\n")


async def test_process_whose_event_loop_stands_still_is_not_alive() -> None:
    application = probe_application(
        CollectorRegistry(), [], strict_policy, liveness=[lambda: "the event loop stands still"]
    )
    async with TestClient(TestServer(application)) as client:
        response = await client.get("/livez")
        assert (response.status, await response.text()) == (503, "not alive: the event loop stands still\n")


async def test_metrics_are_served_from_the_registry_given() -> None:
    registry = CollectorRegistry()
    AdmissionMetrics(registry)
    async with probing(registry=registry) as client:
        assert "snapgate_admission_decisions_total{" in await (await client.get("/metrics")).text()


async def test_policy_in_force_can_be_asked_for() -> None:
    async with probing() as client:
        response = await client.get("/policy")
        assert response.content_type == "application/json"
        assert await response.json() == {"profile": "strict"}
