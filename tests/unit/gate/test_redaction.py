from __future__ import annotations

import asyncio
from typing import Final

import pytest

from tests.support.dependency_manifests import restore
from tests.support.known import KnownWorld
from tests.support.reviews import review, review_document
from tests.support.rights import Rights
from tests.support.world import World
from webhook.api.reference import Reference
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.evaluation.evaluate import Evaluation, Judged
from webhook.facts.source import Source
from webhook.findings.code import Action
from webhook.findings.finding import Finding, Holder
from webhook.findings.policy import Policy
from webhook.gate.gate import Gate
from webhook.gate.redaction import for_everyone, redacted, sights
from webhook.gate.verdict import Verdict
from webhook.inventory.recording import ReadSet

SUBJECT: Final = Reference("VirtualMachineIPAddress", "default", "front")
SIGHT: Final = "get virtualmachineipaddresses/theirs"


def held_by(namespace: str, *, unseen: str | None = "10.0.0.7 is held by an object you may not see") -> Judged:
    holder = Holder("VirtualMachineIPAddress", namespace, "theirs", "billing", "Running")
    finding = Finding("AddressUsedByAnotherMachine", True, "spec", f"{holder}", SUBJECT, "do", holder, unseen)
    return Judged(finding, Action.DENY)


def test_whoever_may_see_the_holder_is_told_of_it() -> None:
    evaluation = Evaluation((held_by("secret-project"),))
    (sight,) = sights(evaluation, "default")
    assert str(sight) == SIGHT
    assert sight.namespace == "secret-project"
    assert redacted(evaluation, "default", {sight: True}) == evaluation


@pytest.mark.parametrize("known", [True, False])
def test_others_are_told_that_there_is_one(known: bool) -> None:
    evaluation = Evaluation((held_by("secret-project"),))
    (sight,) = sights(evaluation, "default")
    (judged,) = redacted(evaluation, "default", {sight: False} if known else {}).findings
    assert judged.action is Action.DENY
    assert judged.finding.text == (
        "10.0.0.7 is held by an object you may not see; ask an administrator who has it [AddressUsedByAnotherMachine]"
    )
    assert "secret-project" not in repr(judged)
    assert "billing" not in repr(judged)


def test_a_rule_that_has_no_words_for_it_names_only_what_was_asked_about() -> None:
    (judged,) = redacted(Evaluation((held_by("secret-project", unseen=None),)), "default", {}).findings
    assert judged.finding.message == "VirtualMachineIPAddress front is in use by an object you may not see"


def test_two_hidden_holders_of_one_thing_are_one_finding() -> None:
    evaluation = Evaluation((held_by("secret-project"), held_by("another-project")))
    assert len(redacted(evaluation, "default", {}).findings) == 1


def test_a_status_names_nothing_of_other_namespaces() -> None:
    evaluation = for_everyone(Evaluation((held_by("secret-project"), held_by("default"))), "default")
    assert [each.finding.holder.namespace if each.finding.holder else None for each in evaluation.findings] == [
        None,
        "default",
    ]


@pytest.mark.parametrize("namespace", ["default", ""])
def test_holders_of_ones_own_namespace_and_of_the_cluster_are_for_everyone(namespace: str) -> None:
    evaluation = Evaluation((held_by(namespace),))
    assert sights(evaluation, "default") == ()
    assert redacted(evaluation, "default", {}) == evaluation


def world_with_a_foreign_holder() -> World:
    return (
        World()
        .disk("root")
        .ip_address("front", of="linux-vm", address="10.66.10.7", type_="Static")
        .machine("linux-vm", disks=["root"], address="front", phase="Stopped")
        .saved("snap", of="linux-vm", address="front")
        .remove(VIRTUAL_MACHINE_IP_ADDRESS, "front")
        .elsewhere("secret-project")
        .ip_address("theirs", of="billing", address="10.66.10.7", type_="Static")
    )


@pytest.mark.parametrize(
    ("rights", "told"),
    [(Rights(), True), (Rights().without(SIGHT), False), (Rights(failure="busy"), False)],
    ids=["may see it", "may not", "cannot be asked"],
)
async def test_an_answer_names_holders_elsewhere_only_to_those_who_may_see_them(rights: Rights, told: bool) -> None:
    world = world_with_a_foreign_holder()

    async def read_live(_: ReadSet, /) -> Source:
        return world

    document = review_document(
        VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for=restore("rollback", of="linux-vm", snapshot="snap", phase="")
    )
    gate = Gate(KnownWorld(world), Policy, read_live, rights)
    verdict: Verdict = await gate.judge(review(document), deadline=asyncio.get_running_loop().time() + 5.0)
    assert "AddressUsedByAnotherMachine" in verdict.codes
    assert ("secret-project" in repr(verdict.evaluation)) is told
