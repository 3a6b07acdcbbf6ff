from __future__ import annotations

import asyncio
from typing import Any

from tests.support import manifests
from tests.support.known import KnownWorld
from tests.support.manifests import Json
from tests.support.reviews import review, review_document
from tests.support.rights import Rights
from tests.support.world import World
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.source import Source
from webhook.findings.policy import Policy
from webhook.gate.gate import Gate
from webhook.gate.verdict import Confirmation, Decision, Verdict
from webhook.inventory.recording import ReadSet

PRESENT = manifests.machine_snapshot("snap", of="linux-vm", phase="Ready", virtualDiskSnapshotNames=["child"])


def deletion(**request: Any) -> Json:
    return review_document(VIRTUAL_MACHINE_SNAPSHOT, "DELETE", present=PRESENT, **request)


async def judge(known: World, document: Json, *, now: World | None = None, synced: bool = True) -> Verdict:
    async def read_live(_: ReadSet, /) -> Source:
        assert now is not None, "an allowed deletion calls nobody"
        return now

    gate = Gate(KnownWorld(known, synced=synced), Policy, read_live, Rights())
    return await gate.judge(review(document), deadline=asyncio.get_running_loop().time() + 5)


def in_use() -> World:
    return World().restore("restore", of="linux-vm", snapshot="snap", phase="InProgress")


async def test_deletion_of_a_snapshot_that_nobody_needs_calls_nobody() -> None:
    assert (await judge(World(), deletion())).decision is Decision.ALLOWED


async def test_deletion_of_a_snapshot_in_use_is_denied_also_among_many() -> None:
    verdict = await judge(in_use(), deletion(name=""), now=in_use())
    assert (verdict.decision, verdict.codes) == (Decision.DENIED, ("SnapshotInUse",))
    assert verdict.confirmation is Confirmation.UPHELD
    assert verdict.subject.name == "snap"


async def test_deletion_is_allowed_when_its_user_has_just_finished() -> None:
    now = World().restore("restore", of="linux-vm", snapshot="snap", phase="Completed")
    verdict = await judge(in_use(), deletion(), now=now)
    assert (verdict.decision, verdict.confirmation) == (Decision.ALLOWED, Confirmation.OVERTURNED)


async def test_deletion_is_allowed_when_the_namespace_goes_and_we_have_not_heard_yet() -> None:
    verdict = await judge(in_use(), deletion(), now=in_use().terminating())
    assert (verdict.decision, verdict.confirmation) == (Decision.ALLOWED, Confirmation.OVERTURNED)


async def test_garbage_is_collected_before_anything_is_known() -> None:
    collector = {"username": "system:serviceaccount:kube-system:generic-garbage-collector"}
    assert (await judge(in_use(), deletion(userInfo=collector), synced=False)).decision is Decision.PASSED
