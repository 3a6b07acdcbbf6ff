from __future__ import annotations

from typing import Any

import pytest

from tests.support.disks import broken_disk, disk
from tests.support.fake_api_server import FakeApiServer, json, page, refusal
from webhook.api.decoding import UndecodableError
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.kube.client import Client
from webhook.kube.errors import ConflictError, NotFoundError

COLLECTION = "/apis/virtualization.deckhouse.io/v1alpha2/namespaces/default/virtualdisks"


async def test_get_reads_an_object(server: FakeApiServer, client: Client) -> None:
    server.others.append(json(disk("a", "5")))
    assert (await client.get(VIRTUAL_DISK, "default", "a")).metadata.resource_version == "5"
    assert server.requests[0].path == f"{COLLECTION}/a"


async def test_get_raw_keeps_what_no_struct_describes(server: FakeApiServer, client: Client) -> None:
    whole = {**disk("a", "5"), "spec": {"unknown": [1]}}
    server.others.append(json(whole))
    assert await client.get_raw(VIRTUAL_DISK, "default", "a") == whole


async def test_a_name_that_no_object_can_have_is_not_found_without_a_request(
    server: FakeApiServer, client: Client
) -> None:
    with pytest.raises(NotFoundError):
        await client.get(VIRTUAL_DISK, "default", "../../secrets/x")
    assert server.requests == []


async def test_list_gives_all_pages(server: FakeApiServer, client: Client) -> None:
    server.lists.extend([page([disk("a", "5")], "10", more="next"), page([disk("b", "6")], "10")])
    listed = await client.list(VIRTUAL_DISK, "default", label_selector="app=x")
    assert [each.metadata.name for each in listed] == ["a", "b"]
    assert server.listed[0] == {"limit": "500", "labelSelector": "app=x"}


async def test_list_fails_on_an_object_that_does_not_decode(server: FakeApiServer, client: Client) -> None:
    server.lists.append(page([broken_disk("a", "5")], "10"))
    with pytest.raises(UndecodableError):
        await client.list(VIRTUAL_DISK)


async def test_create_names_the_kind_and_takes_the_namespace_of_the_body(server: FakeApiServer, client: Client) -> None:
    server.others.append(json(disk("a", "5"), 201))
    await client.create(VIRTUAL_DISK, {"metadata": {"name": "a", "namespace": "default"}})
    assert (server.requests[0].method, server.requests[0].path) == ("POST", COLLECTION)
    assert server.bodies[0]["apiVersion"] == "virtualization.deckhouse.io/v1alpha2"
    assert server.bodies[0]["kind"] == "VirtualDisk"


async def test_each_patch_has_its_own_content_type(server: FakeApiServer, client: Client) -> None:
    server.others.append(json(disk("a", "5")))
    await client.merge_patch(VIRTUAL_DISK, "default", "a", {"status": None}, subresource="status")
    await client.apply(VIRTUAL_DISK, "default", "a", {"metadata": {"labels": {}}}, field_manager="me")
    assert [request.headers["Content-Type"] for request in server.requests] == [
        "application/merge-patch+json",
        "application/apply-patch+yaml",
    ]
    assert server.requests[0].path == f"{COLLECTION}/a/status"


async def test_apply_sends_the_whole_identity_and_its_manager(server: FakeApiServer, client: Client) -> None:
    server.others.append(json(disk("a", "5")))
    await client.apply(VIRTUAL_DISK, "default", "a", {}, field_manager="me")
    assert server.bodies[0]["metadata"] == {"name": "a"}
    assert dict(server.requests[0].query) == {"fieldManager": "me", "force": "true"}


@pytest.mark.parametrize(
    ("given", "preconditions"),
    [
        ({}, None),
        ({"uid": "u"}, {"uid": "u"}),
        ({"uid": "u", "resource_version": "5"}, {"uid": "u", "resourceVersion": "5"}),
    ],
)
async def test_delete_carries_what_must_hold(
    server: FakeApiServer, client: Client, given: dict[str, Any], preconditions: dict[str, str] | None
) -> None:
    server.others.append(json({"kind": "Status", "status": "Success"}))
    await client.delete(VIRTUAL_DISK, "default", "a", **given)
    assert server.bodies[0].get("preconditions") == preconditions
    assert server.bodies[0]["propagationPolicy"] == "Background"


async def test_a_refused_write_raises_its_error(server: FakeApiServer, client: Client) -> None:
    server.others.append(refusal(409, "Conflict", "changed"))
    with pytest.raises(ConflictError, match="changed"):
        await client.merge_patch(VIRTUAL_DISK, "default", "a", {})
