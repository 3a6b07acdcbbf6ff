from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.requests import create, snapshot_of_machine
from tests.support.world import World
from tests.support.world_server import WorldServer
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT_CLASS
from webhook.evaluation.evaluate import evaluate
from webhook.facts.user import User
from webhook.findings.policy import Policy
from webhook.kube.client import Client
from webhook.kube.errors import UnauthorizedError, UnreachableError
from webhook.kube.transport import Endpoint, Transport
from webhook.validation.dialect import Dialect
from webhook.validation.live import LiveFacts, own_user, served_dialect

WORLD = World().disk(ROOT).disk(DATA, size="20Gi").machine(MACHINE, disks=[ROOT, DATA], agent=False)
REQUEST = snapshot_of_machine(MACHINE)


@asynccontextmanager
async def client_of(application: web.Application) -> AsyncIterator[Client]:
    server = TestServer(application)
    await server.start_server()
    client = Client(Transport(Endpoint(str(server.make_url("")).rstrip("/"))))
    try:
        yield client
    finally:
        await client.close()
        await server.close()


async def test_evaluation_is_that_over_all_facts() -> None:
    async with client_of(WorldServer(WORLD).application()) as client:
        found = await LiveFacts(client, Policy()).evaluate(REQUEST, b"")
    assert found == evaluate(REQUEST, WORLD, Policy())
    assert found.denied


async def test_only_what_the_decision_rests_on_is_read_and_once() -> None:
    world = World().disk(ROOT).disk("another").machine(MACHINE, disks=[ROOT]).machine("another", disks=["another"])
    server = WorldServer(world)
    async with client_of(server.application()) as client:
        facts = LiveFacts(client, Policy())
        await facts.evaluate(REQUEST, b"")
        asked = sorted(server.asked)
        await facts.evaluate(REQUEST, b"")
    assert sorted(server.asked) == asked == sorted(set(asked))
    assert f"{VIRTUAL_DISK.path('default')}/{ROOT}" in asked
    assert not any("another" in path for path in asked)


@pytest.mark.parametrize("kind", [VIRTUAL_MACHINE, VIRTUAL_DISK, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT])
async def test_what_the_caller_may_not_read_is_named(kind: Any) -> None:
    async with client_of(WorldServer(WORLD, forbidden=[kind]).application()) as client:
        found = await LiveFacts(client, Policy()).evaluate(REQUEST, b"")
    assert found.unknown == (f'{kind.resource} is forbidden: User "carol" cannot read resource "{kind.plural}"',)


async def test_of_a_kind_that_is_not_served_there_is_nothing() -> None:
    async with client_of(WorldServer(WORLD, unserved=[VOLUME_SNAPSHOT_CLASS]).application()) as client:
        found = await LiveFacts(client, Policy()).evaluate(REQUEST, b"")
    assert "VolumeSnapshotClassMissing" in {judged.finding.code for judged in found.findings}
    assert found.unknown == ()


async def test_object_that_does_not_decode_is_named() -> None:
    world = World().disk(ROOT).machine(MACHINE, disks=[ROOT]).change(VIRTUAL_DISK, ROOT, status={"phase": 5})
    async with client_of(WorldServer(world).application()) as client:
        (unknown,) = (await LiveFacts(client, Policy()).evaluate(REQUEST, b"")).unknown
    assert unknown.startswith(f"VirtualDisk default/{ROOT} cannot be read")


async def test_credentials_that_are_not_taken_end_it() -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"kind": "Status", "code": 401, "reason": "Unauthorized"}, status=401)

    application = web.Application()
    application.router.add_get("/{path:.*}", refuse)
    async with client_of(application) as client:
        with pytest.raises(UnauthorizedError):
            await LiveFacts(client, Policy()).evaluate(REQUEST, b"")
        with pytest.raises(UnauthorizedError):
            await served_dialect(client)


async def test_server_that_is_not_there_ends_it() -> None:
    client = Client(Transport(Endpoint("http://localhost:1")))
    try:
        with pytest.raises(UnreachableError):
            await LiveFacts(client, Policy()).evaluate(REQUEST, b"")
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("schemas", "dialect"),
    [
        ('{"nameReplacement": {}, "nameReplacements": {}}', Dialect.SNAPGATE),
        ('{"nameReplacement": {}}', Dialect.PLATFORM),
    ],
)
async def test_whose_crds_are_served_is_seen_in_their_schemas(schemas: str, dialect: Dialect) -> None:
    async with client_of(WorldServer(WORLD, schemas=schemas).application()) as client:
        assert await served_dialect(client) is dialect


CLONE = create(
    VIRTUAL_MACHINE_OPERATION,
    {
        "metadata": {"name": "copy"},
        "spec": {
            "type": "Clone",
            "virtualMachineName": MACHINE,
            "clone": {"mode": "Strict", "customization": {"namePrefix": "copy-"}},
        },
    },
)


@pytest.mark.parametrize(("refused", "missing"), [((), False), (("create virtualdisks",), True)])
async def test_what_the_caller_may_not_do_by_hand_is_told(refused: tuple[str, ...], missing: bool) -> None:
    world = World().disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Stopped")
    async with client_of(WorldServer(world, refused=refused).application()) as client:
        found = await LiveFacts(client, Policy(), await own_user(client)).evaluate(CLONE, b"")
    codes = {judged.finding.code for judged in found.findings}
    assert ("PermissionMissing" in codes) is missing
    assert found.unknown == ()


async def test_caller_is_known_by_the_credentials() -> None:
    async with client_of(WorldServer(WORLD).application()) as client:
        assert await own_user(client) == User("carol", groups=("devs",))


async def test_permissions_that_cannot_be_asked_for_leave_it_open() -> None:
    world = World().disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Stopped")
    server = WorldServer(world).application()
    async with client_of(server) as client:
        user = await own_user(client)
    silent = web.Application()
    silent.router.add_get("/{path:.*}", WorldServer(world).answer)
    async with client_of(silent) as client:
        assert await own_user(client) is None
        (unknown,) = (await LiveFacts(client, Policy(), user).evaluate(CLONE, b"")).unknown
    assert unknown.startswith("your permissions: ")
