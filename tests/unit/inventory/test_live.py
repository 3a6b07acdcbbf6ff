from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from aiohttp import web

from tests.support.disks import broken_disk, disk
from tests.support.fake_api_server import FakeApiServer, json, page, refusal, text
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.facts.indexes import in_namespace
from webhook.facts.source import Index, UnreadableError
from webhook.inventory.live import LiveReadError, read_live
from webhook.inventory.recording import ReadSet
from webhook.kube.client import Client


def _uid(found: VirtualDisk) -> Iterable[str]:
    return (found.metadata.uid,)


BY_UID = Index("by-uid", VIRTUAL_DISK, _uid)


def gets(*names: str) -> ReadSet:
    return ReadSet(gets=frozenset((VIRTUAL_DISK, "default", name) for name in names))


async def test_an_object_is_as_the_api_server_has_it_now(server: FakeApiServer, client: Client) -> None:
    server.others.append(json(disk("a", "7")))
    live = await read_live(client, gets("a"))
    found = live.get(VIRTUAL_DISK, "default", "a")
    assert found is not None
    assert found.metadata.resource_version == "7"


@pytest.mark.parametrize("name", ["a", "../../secrets/x"])
async def test_what_is_not_found_is_absent(server: FakeApiServer, client: Client, name: str) -> None:
    server.others.append(refusal(404, "NotFound"))
    assert (await read_live(client, gets(name))).get(VIRTUAL_DISK, "default", name) is None


async def test_an_object_that_does_not_decode_is_unreadable(server: FakeApiServer, client: Client) -> None:
    server.others.append(json(broken_disk("a", "7")))
    live = await read_live(client, gets("a"))
    with pytest.raises(UnreadableError):
        live.get(VIRTUAL_DISK, "default", "a")


async def test_a_look_up_by_index_finds_what_is_listed_now_with_one_list_for_all_values(
    server: FakeApiServer, client: Client
) -> None:
    server.lists.append(page([disk("b", "6", uid="u"), disk("a", "5", uid="u"), disk("c", "7", uid="v")], "10"))
    live = await read_live(client, ReadSet(finds=frozenset({(BY_UID, "u"), (BY_UID, "v"), (BY_UID, "w")})))
    assert [each.metadata.name for each in live.find(BY_UID, "u")] == ["a", "b"]
    assert [each.metadata.name for each in live.find(BY_UID, "v")] == ["c"]
    assert list(live.find(BY_UID, "w")) == []
    assert server.listed == [{"limit": "500"}]


async def test_a_value_that_names_its_namespace_lists_only_there(server: FakeApiServer, client: Client) -> None:
    by_name = Index("by-name", VIRTUAL_DISK, lambda found: (in_namespace("default", found.metadata.name),))
    server.lists.append(page([disk("a", "5")], "10"))
    live = await read_live(client, ReadSet(finds=frozenset({(by_name, in_namespace("default", "a"))})))
    assert [each.metadata.name for each in live.find(by_name, in_namespace("default", "a"))] == ["a"]
    assert [each.path for each in server.requests] == [VIRTUAL_DISK.path("default")]


async def test_all_that_cannot_be_read_is_named(server: FakeApiServer, client: Client) -> None:
    server.others.append(refusal(403, "Forbidden", "may not"))
    with pytest.raises(LiveReadError) as raised:
        await read_live(client, gets("b", "a"))
    assert str(raised.value) == (
        "VirtualDisk default/a: may not (403 Forbidden); VirtualDisk default/b: may not (403 Forbidden)"
    )


async def test_reads_that_take_too_long_are_given_up(server: FakeApiServer, client: Client) -> None:
    async def stalled(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    server.others.append(stalled)
    with pytest.raises(LiveReadError):
        await read_live(client, gets("a"), deadline_seconds=0.05)


async def test_what_was_not_read_is_not_answered(client: Client) -> None:
    live = await read_live(client, ReadSet())
    with pytest.raises(LiveReadError):
        live.get(VIRTUAL_DISK, "default", "a")
    with pytest.raises(LiveReadError):
        live.find(BY_UID, "u")


async def test_a_live_secret_is_projected_as_a_watched_one(server: FakeApiServer, client: Client) -> None:
    metadata = {"name": "s", "namespace": "default", "resourceVersion": "5"}
    secret = {"metadata": metadata, "data": {"password": "aHVudGVy"}}
    server.others.append(json(secret))
    server.lists.append(page([secret], "10"))
    by_name = Index("by-name", SECRET, lambda found: (found.metadata.name,))
    reads = ReadSet(gets=frozenset({(SECRET, "default", "s")}), finds=frozenset({(by_name, "s")}))
    live = await read_live(client, reads)
    for found in (live.get(SECRET, "default", "s"), *live.find(by_name, "s")):
        assert found is not None
        assert (found.data, list(found.digests)) == ({}, ["password"])


@pytest.mark.parametrize("reads", [ReadSet(finds=frozenset({(BY_UID, "u")})), gets("a")], ids=["by list", "by name"])
async def test_a_kind_that_is_not_served_is_not_known(server: FakeApiServer, client: Client, reads: ReadSet) -> None:
    server.lists.append(text("404 page not found", 404))
    server.others.append(text("404 page not found", 404))
    live = await read_live(client, reads)
    assert [*(live.get(*get) for get in reads.gets), *(live.find(*find) for find in reads.finds)] in ([None], [()])
    assert not live.knows(VIRTUAL_DISK)
    assert live.knows(SECRET)


async def test_a_missing_object_says_nothing_of_its_kind(server: FakeApiServer, client: Client) -> None:
    server.others.append(refusal(404, "NotFound"))
    assert (await read_live(client, gets("a"))).knows(VIRTUAL_DISK)
