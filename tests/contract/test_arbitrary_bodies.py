"""Whatever is sent: never a crash, never an answer to another question."""

from __future__ import annotations

from typing import Any

import jsonpatch
import msgspec
from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.checker import check_mutation, check_response
from tests.support import manifests
from tests.support.reviews import disk_snapshot_created, encoded, machine_snapshot_created, review_document
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION

HEADERS = {"Content-Type": "application/json"}
ONE_SERVER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
MEMBERS = ["uid", "kind", "name", "namespace", "operation", "userInfo", "object", "oldObject", "dryRun", "subResource"]
OBJECT_MEMBERS = ["metadata", "spec", "status", "apiVersion", "kind"]
SPEC = st.dictionaries(
    st.sampled_from(["virtualDiskName", "virtualMachineName", "requiredConsistency", "keepIPAddress"]),
    ANYTHING | st.sampled_from(["data", "linux-vm", "mute-vm"]),
)
PRESENT = manifests.disk_snapshot("snap", of="data")


COPY = st.dictionaries(
    st.sampled_from(["mode", "nameReplacement", "nameReplacements", "customization"]),
    ANYTHING
    | st.lists(
        st.fixed_dictionaries({}, optional={"from": ANYTHING, "to": ANYTHING | st.fixed_dictionaries({"name": TEXT})}),
        max_size=3,
    ),
)


def documents() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(
        [
            encoded(disk_snapshot_created()),
            encoded(machine_snapshot_created(of="mute-vm")),
            encoded(review_document(VIRTUAL_DISK_SNAPSHOT, "UPDATE", asked_for=PRESENT, present=PRESENT)),
            encoded(review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE", present=PRESENT)),
        ]
    ).map(msgspec.json.decode)


async def send(webhook: TestClient[Any, Any], body: bytes, uid: object) -> None:
    async with webhook.post("/validate", data=body, headers=HEADERS) as response:
        assert response.status in {200, 400}
        if response.status == 200:
            assert isinstance(uid, str)
            check_response(await response.read(), uid)


@ONE_SERVER
@given(body=st.binary())
async def test_arbitrary_bytes(webhook: TestClient[Any, Any], body: bytes) -> None:
    await send(webhook, body, None)


@ONE_SERVER
@given(document=ANYTHING)
async def test_arbitrary_json(webhook: TestClient[Any, Any], document: Any) -> None:
    await send(webhook, msgspec.json.encode(document), None)


@ONE_SERVER
@given(document=documents(), changes=st.dictionaries(st.sampled_from(MEMBERS), ANYTHING, max_size=3))
async def test_review_with_arbitrary_members(
    webhook: TestClient[Any, Any], document: dict[str, Any], changes: dict[str, Any]
) -> None:
    document["request"] |= changes
    await send(webhook, msgspec.json.encode(document), document["request"]["uid"])


@ONE_SERVER
@given(
    document=documents(),
    changes=st.dictionaries(st.sampled_from(OBJECT_MEMBERS), ANYTHING, max_size=2),
    spec=SPEC,
    where=st.sampled_from(["object", "oldObject"]),
)
async def test_object_with_arbitrary_members(
    webhook: TestClient[Any, Any], document: dict[str, Any], changes: dict[str, Any], spec: dict[str, Any], where: str
) -> None:
    request = document["request"]
    if request[where] is not None:
        request[where] |= {"spec": spec} | changes
    await send(webhook, msgspec.json.encode(document), request["uid"])


@ONE_SERVER
@given(document=documents(), cut=st.integers(0, 2000), junk=st.binary(max_size=3))
async def test_review_with_bytes_cut_out(
    webhook: TestClient[Any, Any], document: dict[str, Any], cut: int, junk: bytes
) -> None:
    body = encoded(document)
    cut %= len(body)
    damaged = body[:cut] + junk + body[cut + 1 :]
    async with webhook.post("/validate", data=damaged, headers=HEADERS) as response:
        assert response.status in {200, 400}


@ONE_SERVER
@given(copy=COPY | ANYTHING, before=COPY | st.none(), metadata=ANYTHING)
async def test_mutation_of_an_arbitrary_copy(
    webhook: TestClient[Any, Any], copy: Any, before: Any, metadata: Any
) -> None:
    """Whatever is written can be patched, and what comes of it needs no second patch."""
    asked_for = {"metadata": {"name": "copy", "managedFields": metadata}, "spec": {"type": "Clone", "clone": copy}}
    present = None if before is None else asked_for | {"spec": {"type": "Clone", "clone": before}}
    operation = "CREATE" if present is None else "UPDATE"
    document = review_document(VIRTUAL_MACHINE_OPERATION, operation, asked_for=asked_for, present=present)
    patched = jsonpatch.apply_patch(document["request"]["object"], await mutate(webhook, document))
    again = review_document(VIRTUAL_MACHINE_OPERATION, operation, asked_for=patched, present=present)
    assert await mutate(webhook, again) == []


async def mutate(webhook: TestClient[Any, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    async with webhook.post("/mutate", data=encoded(document), headers=HEADERS) as response:
        assert response.status == 200
        return check_mutation(await response.read(), document["request"]["uid"])
