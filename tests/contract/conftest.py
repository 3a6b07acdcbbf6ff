from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from tests.support.known import KnownWorld
from tests.support.rights import Rights
from tests.support.world import World
from webhook.facts.source import Source
from webhook.findings.policy import Policy
from webhook.gate.gate import Gate
from webhook.inventory.recording import ReadSet
from webhook.service.admission import admission_application
from webhook.service.metrics import AdmissionMetrics


@pytest_asyncio.fixture(scope="session")
async def webhook() -> AsyncIterator[TestClient[Any, Any]]:
    """The whole webhook over a small cluster.

    `data` and `linux-vm` can be captured, `mute-vm` has no guest agent, and the snapshot `used` is being restored.
    """
    cluster = (
        World()
        .disk("data")
        .machine("linux-vm", disks=["root"])
        .disk("root", users=["linux-vm"])
        .machine("mute-vm", disks=["mute-root", "lost"], agent=False)
        .disk("mute-root", users=["mute-vm"])
        .machine_snapshot("used", of="spare-vm", phase="Ready")
        .restore("rollback", of="spare-vm", snapshot="used", phase="InProgress")
    )

    async def read_live(reads: ReadSet, /) -> Source:
        return cluster

    gate = Gate(KnownWorld(cluster), Policy, read_live, Rights())
    application = admission_application(gate, AdmissionMetrics(CollectorRegistry()))
    async with TestClient(TestServer(application)) as client:
        yield client
