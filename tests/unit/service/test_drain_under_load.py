"""Two servers behind one Service, callers that keep connections and never repeat a call; one of the servers leaves."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from prometheus_client import CollectorRegistry

from certs.authority import new_authority
from certs.leaf import sign_leaf
from certs.serving_context import ServingContext
from tests.support.reviews import disk_snapshot_created, encoded
from tests.support.service_address import ServiceAddress
from webhook.admission.review import Review
from webhook.api.reference import Reference
from webhook.gate.verdict import Verdict
from webhook.service.admission import admission_application
from webhook.service.drain import Drain, DrainSettings
from webhook.service.listening import listening
from webhook.service.metrics import AdmissionMetrics

NAME = "snapgate-webhook.snapgate-system.svc"
NOW = datetime.now(UTC)
AUTHORITY = new_authority("ca", NOW)
BODY = encoded(disk_snapshot_created())
CALLERS = 40
DRAIN = DrainSettings(wait_seconds=0.6, quiet_seconds=1.5, longest_seconds=25.0)
"""Quiet for longer than a busy machine holds up the one loop that all of them turn in: what it does not get to is no
quiet."""
ENDPOINT_LAG_SECONDS = 0.3


class Judge:
    """Takes as long as a denial that is confirmed."""

    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        await asyncio.sleep(0.005)
        return Verdict(Reference("VirtualDiskSnapshot", "default", "snap"))


class Replica:
    """`drain` is what ends its life; the port is closed after it, and what is in flight finished."""

    def __init__(self) -> None:
        self.drain = Drain(DRAIN)
        self.port = 0
        self._listening = AsyncExitStack()

    async def start(self) -> None:
        application = admission_application(Judge(), AdmissionMetrics(CollectorRegistry()))
        self.drain.watch(application)
        serving = ServingContext()
        serving.use(sign_leaf(AUTHORITY, [NAME], NOW), [NAME], NOW)
        open_port = listening(application, host="127.0.0.1", port=0, ssl_context=serving.context)
        self.port = await self._listening.enter_async_context(open_port)

    async def close(self) -> None:
        await self._listening.aclose()


@dataclass
class Callers:
    url: str
    stopped: bool = False
    answered: int = 0
    lost: list[str] = field(default_factory=list)

    async def call_until_stopped(self, session: ClientSession) -> None:
        while not self.stopped:
            await self._call(session)

    async def _call(self, session: ClientSession) -> None:
        try:
            async with session.post(
                self.url, data=BODY, headers={"Content-Type": "application/json"}, server_hostname=NAME
            ) as response:
                assert response.status == 200, await response.text()
                await response.read()
            self.answered += 1
        except (ClientError, OSError, TimeoutError) as error:
            self.lost.append(repr(error))


Leave = Callable[[Replica, ServiceAddress], Awaitable[None]]


async def drained(leaving: Replica, service: ServiceAddress) -> None:
    draining = asyncio.create_task(leaving.drain.run())
    await asyncio.sleep(ENDPOINT_LAG_SECONDS)
    service.ready.remove(leaving.port)
    await draining
    await leaving.close()


async def closed_at_once(leaving: Replica, service: ServiceAddress) -> None:
    await leaving.close()
    await asyncio.sleep(ENDPOINT_LAG_SECONDS)
    service.ready.remove(leaving.port)


async def calls_while(leave: Leave) -> Callers:
    staying, leaving = Replica(), Replica()
    await staying.start()
    await leaving.start()
    service = ServiceAddress(staying.port, leaving.port)
    trust = ssl.create_default_context(cadata=AUTHORITY.certificate_pem.decode())
    connector = TCPConnector(ssl=trust, limit=CALLERS)
    async with service.listening() as port, ClientSession(connector=connector, timeout=ClientTimeout(30)) as session:
        callers = Callers(f"https://127.0.0.1:{port}/validate?timeout=10s")
        calling = [asyncio.create_task(callers.call_until_stopped(session)) for _ in range(CALLERS)]
        await asyncio.sleep(0.5)
        await leave(leaving, service)
        await asyncio.sleep(0.2)
        callers.stopped = True
        await asyncio.gather(*calling)
    await staying.close()
    return callers


async def test_no_call_is_lost_while_a_replica_drains() -> None:
    callers = await calls_while(drained)
    assert callers.lost == []
    assert callers.answered > CALLERS


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_calls_are_lost_where_a_replica_does_not_drain() -> None:
    """That the other test can fail."""
    assert (await calls_while(closed_at_once)).lost
