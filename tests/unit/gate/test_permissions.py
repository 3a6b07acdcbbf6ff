from __future__ import annotations

import asyncio
from typing import Final

import msgspec
import pytest

from tests.support.copies import clone
from tests.support.known import KnownWorld
from tests.support.manifests import Json
from tests.support.reviews import machine_snapshot_created, review, review_document
from tests.support.rights import Rights
from tests.support.world import World
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.facts.source import Source
from webhook.findings.policy import Policy
from webhook.gate.gate import Gate
from webhook.gate.verdict import Decision, Verdict
from webhook.inventory.recording import ReadSet
from webhook.kube.authorization import ReviewError

WARNING: Final = Policy()
ENFORCING: Final = Policy(permissions_enforced=True)
COPY: Final = review_document(
    VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for=clone("copy", customization={"namePrefix": "copy-"})
)
REHEARSAL: Final = review_document(
    VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for=clone("copy", mode="DryRun", customization={"namePrefix": "copy-"})
)
OF_NOTHING: Final = review_document(
    VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for=clone("copy", of="gone", customization={"namePrefix": "copy-"})
)


def stopped_machine() -> World:
    return World().disk("root").machine("linux-vm", disks=["root"], phase="Stopped")


async def judged(rights: Rights, policy: Policy = WARNING, document: Json = COPY) -> Verdict:
    world = stopped_machine()

    async def read_live(_: ReadSet, /) -> Source:
        return world

    gate = Gate(KnownWorld(world), lambda: policy, read_live, rights)
    return await gate.judge(review(document), deadline=asyncio.get_running_loop().time() + 5.0)


def asked(rights: Rights) -> set[str]:
    return {str(access) for _, accesses in rights.asked for access in accesses}


async def test_the_author_is_asked_for_what_the_operation_does() -> None:
    rights = Rights()
    verdict = await judged(rights)
    assert verdict.decision is Decision.ALLOWED
    assert asked(rights) == {"create virtualdisks", "create virtualmachines"}
    assert {user.username for user, _ in rights.asked} == {"ann"}


@pytest.mark.parametrize(("policy", "decision"), [(WARNING, Decision.ALLOWED), (ENFORCING, Decision.DENIED)])
async def test_a_missing_right_warns_or_denies_as_policy_says(policy: Policy, decision: Decision) -> None:
    verdict = await judged(Rights().without("create virtualdisks"), policy)
    assert verdict.decision is decision
    assert "PermissionMissing" in verdict.codes


async def test_a_dry_run_tells_of_missing_rights_and_is_not_denied() -> None:
    verdict = await judged(Rights().without("create virtualdisks"), ENFORCING, REHEARSAL)
    assert verdict.decision is Decision.ALLOWED
    assert "PermissionMissing" in verdict.codes


async def test_rights_that_cannot_be_asked_for_are_a_note_where_they_only_warn() -> None:
    verdict = await judged(Rights(failure="busy"))
    assert (verdict.decision, verdict.permissions_unknown) == (Decision.ALLOWED, "busy")
    assert "PermissionMissing" not in verdict.codes


async def test_rights_that_cannot_be_asked_for_are_no_verdict_where_they_are_enforced() -> None:
    with pytest.raises(ReviewError):
        await judged(Rights(failure="busy"), ENFORCING)


@pytest.mark.parametrize("document", [machine_snapshot_created(), OF_NOTHING])
async def test_nobody_is_asked_where_nothing_would_be_done(document: Json) -> None:
    rights = Rights()
    await judged(rights, ENFORCING, document)
    assert rights.asked == []


async def test_an_author_without_a_name_is_not_asked_for() -> None:
    document = msgspec.json.decode(msgspec.json.encode(COPY))
    document["request"]["userInfo"] = {}
    rights = Rights()
    assert (await judged(rights, ENFORCING, document)).decision is Decision.ALLOWED
    assert rights.asked == []
