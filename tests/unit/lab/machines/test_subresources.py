from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from lab.machines.agent import GuestAgents
from lab.machines.annotations import AGENT, FREEZE
from lab.machines.authorization import REVIEWS, Authorizer
from lab.machines.freezing import Freezes
from lab.machines.guest_log import GuestLog
from lab.machines.kinds import Machine
from lab.machines.simulated_hypervisor import SimulatedHypervisor
from lab.machines.stopwatch import Stopwatch
from lab.machines.subresources import subresource_application
from lab.machines.world import World
from tests.support.machine_side import machine

MACHINES = "/apis/subresources.virtualization.deckhouse.io/v1alpha2/namespaces/default/virtualmachines"
ANNA = {"X-Remote-User": "anna", "X-Remote-Group": "editors"}


@dataclass
class ApiServer:
    """Answers reviews, and remembers what it was asked."""

    allowed: bool = True
    asked: list[Any] = field(default_factory=list)

    async def request(self, method: str, path: str, *, body: bytes | None = None) -> bytes:
        assert (method, path) == ("POST", REVIEWS)
        self.asked.append(msgspec.json.decode(body or b"")["spec"])
        return msgspec.json.encode({"status": {"allowed": self.allowed}})


@dataclass
class Side:
    client: TestClient[Any, Any]
    api_server: ApiServer
    freezes: Freezes
    machines: dict[str, Machine]

    async def put(self, name: str, action: str, **options: Any) -> tuple[int, dict[str, Any]]:
        async with self.client.put(f"{MACHINES}/{name}/{action}", **({"headers": ANNA} | options)) as reply:
            return reply.status, await reply.json()


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[Side]:
    machines = {
        "vm": machine("vm", phase="Running"),
        "off": machine("off", phase="Stopped"),
        "stubborn": machine("stubborn", phase="Running", annotations={FREEZE: "refused"}),
        "mute": machine("mute", phase="Running", annotations={AGENT: "false"}),
    }
    log = GuestLog(tmp_path / "log.jsonl")
    freezes = Freezes(tmp_path / "frozen.json", log, lambda: datetime.now(UTC), lambda _namespace, _name: None)
    hypervisor = SimulatedHypervisor(
        World(lambda _: None), freezes, tmp_path, Stopwatch(lambda: 0.0), lambda: datetime.now(UTC)
    )
    agents = GuestAgents(lambda _, name: machines.get(name), freezes, hypervisor)
    api_server = ApiServer()
    application = subresource_application(agents, Authorizer(api_server))
    async with TestClient(TestServer(application)) as client:
        yield Side(client, api_server, freezes, machines)


async def test_running_machine_is_frozen_and_thawed(side: Side) -> None:
    assert (await side.put("vm", "freeze", json={"unfreezeTimeout": "1m"}))[0] == 200
    assert side.freezes.is_frozen("uid-of-vm")
    assert (await side.put("vm", "unfreeze"))[0] == 200
    assert not side.freezes.is_frozen("uid-of-vm")


async def test_freeze_without_a_body_is_a_freeze_without_a_timeout(side: Side) -> None:
    assert (await side.put("vm", "freeze"))[0] == 200


async def test_thawing_what_is_not_frozen_succeeds(side: Side) -> None:
    assert (await side.put("vm", "unfreeze"))[0] == 200


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("missing", 404, "NotFound"),
        ("off", 409, "Conflict"),
        ("mute", 500, "InternalError"),
        ("stubborn", 500, "InternalError"),
    ],
)
async def test_machine_that_cannot_be_frozen_is_refused(side: Side, name: str, code: int, reason: str) -> None:
    status, body = await side.put(name, "freeze")
    assert (status, body["kind"], body["code"], body["reason"]) == (code, "Status", code, reason)


async def test_second_freeze_is_a_conflict(side: Side) -> None:
    await side.put("vm", "freeze")
    status, body = await side.put("vm", "freeze")
    assert (status, body["reason"]) == (409, "Conflict")


async def test_of_two_freezes_at_once_one_wins(side: Side) -> None:
    answers = await asyncio.gather(side.put("vm", "freeze"), side.put("vm", "freeze"))
    assert sorted(status for status, _ in answers) == [200, 409]


@pytest.mark.parametrize("body", [b"{", b'{"unfreezeTimeout": 5}', b'{"unfreezeTimeout": "soon"}'])
async def test_body_that_is_no_freeze_request_is_a_bad_request(side: Side, body: bytes) -> None:
    status, answer = await side.put("vm", "freeze", data=body)
    assert (status, answer["reason"]) == (400, "BadRequest")


async def test_negative_timeout_is_a_bad_request(side: Side) -> None:
    assert (await side.put("vm", "freeze", json={"unfreezeTimeout": "-1s"}))[0] == 400


@pytest.mark.parametrize("action", ["freeze", "unfreeze"])
async def test_caller_without_the_right_is_forbidden(side: Side, action: str) -> None:
    side.api_server.allowed = False
    status, body = await side.put("vm", action)
    assert (status, body["reason"]) == (403, "Forbidden")


async def test_api_server_is_asked_for_the_subresource_in_the_name_of_the_caller(side: Side) -> None:
    await side.put("vm", "freeze")
    (asked,) = side.api_server.asked
    assert (asked["user"], asked["groups"]) == ("anna", ["editors"])
    assert asked["resourceAttributes"] == {
        "verb": "update",
        "group": "subresources.virtualization.deckhouse.io",
        "version": "v1alpha2",
        "resource": "virtualmachines",
        "subresource": "freeze",
        "namespace": "default",
        "name": "vm",
    }


async def test_request_that_did_not_come_through_the_api_server_is_unauthorized(side: Side) -> None:
    assert (await side.put("vm", "freeze", headers={}))[0] == 401


async def test_unknown_path_is_answered_with_a_status(side: Side) -> None:
    status, body = await side.put("vm", "explode")
    assert (status, body["kind"], body["reason"]) == (404, "Status", "NotFound")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/apis", "APIGroupList"),
        ("/apis/subresources.virtualization.deckhouse.io", "APIGroup"),
        ("/apis/subresources.virtualization.deckhouse.io/v1alpha2", "APIResourceList"),
    ],
)
async def test_discovery_documents_are_served(side: Side, path: str, kind: str) -> None:
    async with side.client.get(path) as reply:
        assert (reply.status, (await reply.json())["kind"]) == (200, kind)


async def test_aggregated_discovery_is_served_when_asked_for(side: Side) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    async with side.client.get("/apis", headers={"Accept": accept}) as reply:
        assert (await reply.json())["kind"] == "APIGroupDiscoveryList"
