"""Reviews that a real API server sent to a mutating webhook, answered by ours."""

from __future__ import annotations

from typing import Any, Final

import jsonpatch
import pytest
from aiohttp.test_utils import TestClient

from tests.contract.checker import check_mutation
from tests.contract.recording.recording import MUTATE, Call, recorded
from tests.support.copies import rule

RECORDED: Final = recorded()
RULES: Final = [rule("root", "root-2", kind="VirtualDisk")]
RESPELLED: Final = (
    "create-clone-as-documented",
    "create-clone-as-documented-refused-by-cel",
    "update-clone-adds-documented-spelling",
)
"""Steps that spell these rules as documented."""
OTHERS: Final = [
    pytest.param(call, id=f"{step}: {call.request['operation']}")
    for step, recording in RECORDED.items()
    for call in recording.sent_to(MUTATE)
    if step not in RESPELLED
]


async def operations(webhook: TestClient[Any, Any], call: Call) -> list[dict[str, Any]]:
    async with webhook.post(f"{call.path}?{call.query}", data=call.body, headers=call.headers) as response:
        assert response.status == 200
        return check_mutation(await response.read(), call.request["uid"])


@pytest.mark.parametrize("step", RESPELLED)
async def test_documented_spelling_is_respelled_with_its_owner(webhook: TestClient[Any, Any], step: str) -> None:
    (call,) = RECORDED[step].sent_to(MUTATE)
    stored = jsonpatch.apply_patch(call.request["object"], await operations(webhook, call))
    copy = stored["spec"]["clone"]
    assert copy["nameReplacement"] == RULES
    assert "nameReplacements" not in copy
    assert copy.get("customization") != {}
    owned = [set(owner["fieldsV1"]["f:spec"]["f:clone"]) for owner in stored["metadata"]["managedFields"]]
    assert {each.removeprefix("f:") for each in set.union(*owned)} - {"."} == set(copy)


@pytest.mark.parametrize("call", OTHERS)
async def test_everything_else_is_kept(webhook: TestClient[Any, Any], call: Call) -> None:
    assert await operations(webhook, call) == []
