from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.support.documents import CLONE, DEPLOYMENT, MACHINE_SNAPSHOT, PAGE_RESTORE
from tests.support.reviews import machine_snapshot_created
from tests.support.rights_of_callers import CAROL, CallerRights
from tests.support.validation_in_process import (
    JSON,
    TOKEN,
    WORLD,
    YAML,
    Failing,
    Silent,
    Situation,
    gate_over,
    post,
    told,
)
from tests.support.world import World
from webhook.admission.review import Review, UserInfo
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.facts.user import Access
from webhook.gate.gate import NotSyncedError
from webhook.gate.verdict import Verdict
from webhook.kube.authorization import ReviewError
from webhook.service.openapi import PROBLEMS
from webhook.service.posted_body import FORMATS
from webhook.validation.posted import MAX_POSTED_BYTES


@pytest.mark.parametrize("content_type", [each for each in FORMATS if each != "application/json"])
async def test_yaml_documents_get_a_result_each(content_type: str) -> None:
    text = f"{MACHINE_SNAPSHOT}---\n{MACHINE_SNAPSHOT.replace('linux-vm', 'old-vm')}---\n{DEPLOYMENT}"
    assert told(await post(text, {"Content-Type": content_type})) == [
        ("request:1", "allow", []),
        ("request:2", "deny", ["ConsistencyUnavailable"]),
    ]


async def test_json_lists_get_a_result_for_each_item() -> None:
    snapshot = json.loads(json.dumps(machine_snapshot_created(of="old-vm")["request"]["object"]))
    listing = {"apiVersion": "v1", "kind": "List", "items": [snapshot, {"apiVersion": "v1", "kind": "Pod"}, snapshot]}
    assert told(await post(json.dumps(listing), JSON)) == [
        ("request:1.items[0]", "deny", ["ConsistencyUnavailable"]),
        ("request:1.items[2]", "deny", ["ConsistencyUnavailable"]),
    ]


async def test_review_is_answered_as_the_webhook_would_answer_its_sender() -> None:
    assert told(await post(json.dumps(machine_snapshot_created(of="old-vm")), JSON)) == [
        ("request:1", "deny", ["ConsistencyUnavailable"])
    ]
    in_yaml = json.dumps(machine_snapshot_created(of="linux-vm"))
    assert told(await post(in_yaml, YAML)) == [("request:1", "allow", [])]


async def test_review_is_judged_as_asked_by_the_caller_whoever_it_names() -> None:
    """Who may be told of what, and what an escape lets pass, depends on who is told."""
    seen: list[Review] = []

    class Recording:
        async def judge(self, review: Review, *, deadline: float) -> Verdict:
            seen.append(review)
            return await gate_over(WORLD).judge(review, deadline=deadline)

    sent = machine_snapshot_created(userInfo={"username": "system:admin", "groups": ["system:masters"]})
    for body in (json.dumps(sent), json.dumps(sent["request"]["object"])):
        await post(body, JSON, Situation(judge=Recording()))
    carol = UserInfo("carol", "u1", ("devs",), {"scopes": ("a", "b")})
    assert [each.user_info for each in seen] == [carol, carol]


async def test_document_whose_object_is_there_is_judged_as_an_edit() -> None:
    world = World().machine("linux-vm", phase="Stopped").machine_snapshot("monday", of="other-vm")
    answer = await post(MACHINE_SNAPSHOT, situation=Situation(judge=gate_over(world)))
    assert told(answer) == [("request:1", "deny", ["SpecImmutable"])]


async def test_misspelled_document_is_judged_as_it_was_meant() -> None:
    assert told(await post(f"{PAGE_RESTORE}---\n{CLONE}"))[0] == (
        "request:1",
        "deny",
        ["SchemaInvalid", "SchemaInvalid", "SnapshotNotFound", "SchemaInvalid"],
    )


async def test_what_cannot_be_understood_leaves_the_verdict_open() -> None:
    world = World().disk("root").machine("linux-vm", disks=["root"]).change(VIRTUAL_DISK, "root", status={"phase": 5})
    assert told(await post(MACHINE_SNAPSHOT, situation=Situation(judge=gate_over(world)))) == [
        ("request:1", "undecided", ["FactUnknown"])
    ]


@pytest.mark.parametrize("token", ["", "Basic Y2Fyb2w6", "Bearer", "Bearer ", "Bearer davids", "Bearer " + "x" * 5000])
async def test_caller_must_have_a_token_that_the_api_server_knows(token: str) -> None:
    situation = Situation()
    answer = await post(MACHINE_SNAPSHOT, situation=situation, Authorization=token)
    assert answer.status == 401
    assert "kubectl create token" in answer.body["detail"]
    assert situation.rights.asked == []


async def test_token_must_be_meant_for_this_service() -> None:
    situation = Situation()
    await post(MACHINE_SNAPSHOT, situation=situation)
    assert situation.rights.audiences == [("snapgate",)]


async def test_caller_must_be_allowed_to_create_what_is_asked_about() -> None:
    situation = Situation(rights=CallerRights().without("create virtualmachineoperations"))
    answer = await post(f"{MACHINE_SNAPSHOT}---\n{PAGE_RESTORE}", situation=situation)
    assert (answer.status, answer.body["errors"]) == (
        403,
        ["cannot create virtualmachineoperations.virtualization.deckhouse.io in namespace default"],
    )


async def test_rights_are_asked_for_each_kind_in_each_namespace_once() -> None:
    situation = Situation()
    elsewhere = MACHINE_SNAPSHOT.replace("name: monday", "name: monday\n  namespace: team")
    await post(f"{MACHINE_SNAPSHOT}---\n{MACHINE_SNAPSHOT}---\n{elsewhere}---\n{DEPLOYMENT}", situation=situation)
    ((user, accesses),) = situation.rights.asked
    expected = [
        Access("create", "virtualization.deckhouse.io", "virtualmachinesnapshots", namespace=namespace)
        for namespace in ("default", "team")
    ]
    assert (user, sorted(accesses)) == (CAROL, expected)


async def test_rights_are_asked_for_what_a_review_is_about() -> None:
    situation = Situation(rights=CallerRights().without("create virtualmachinesnapshots"))
    answer = await post(json.dumps(machine_snapshot_created(namespace="team")), JSON, situation)
    assert answer.body["errors"] == [
        "cannot create virtualmachinesnapshots.virtualization.deckhouse.io in namespace team"
    ]


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        ("a: [\n---\nb: {", YAML, "request:2:1: did not find expected node content"),
        ("", YAML, "there is no object in the body"),
        ("just text", YAML, "request:1:1: this is no Kubernetes object: it has no kind"),
        ("{", JSON, "request: this is not JSON: Input data was truncated"),
        (b"\xff", YAML, "request: this is not UTF-8 from byte 0 on"),
        (
            '{"kind": "AdmissionReview"}',
            JSON,
            "request:1: expected kind 'AdmissionReview' of apiVersion 'admission.k8s.io/v1', "
            "got kind 'AdmissionReview' of apiVersion ''",
        ),
        ("[" * 1000, JSON, None),
        (json.dumps([[[0] * 1000] * 1000]), JSON, "request: more than 50000 values"),
        ("kind: A\n---\n" * 101, YAML, "request: more than 100 objects at once"),
    ],
)
async def test_body_that_cannot_be_checked_is_told_why(
    body: str | bytes, headers: dict[str, str], error: str | None
) -> None:
    answer = await post(body, headers)
    assert answer.status == 400
    assert error is None or answer.body["errors"][0] == error


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data"])
async def test_body_is_json_or_yaml(content_type: str) -> None:
    assert (await post("a", {"Content-Type": content_type})).status == 415


async def test_body_that_is_too_large_is_not_taken() -> None:
    assert (await post(b" " * (MAX_POSTED_BYTES + 1))).status == 413


async def test_body_of_unknown_length_that_is_too_large_is_not_taken() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * (MAX_POSTED_BYTES // 8)

    async with Situation().client() as client:
        response = await client.post("/v1/validate", data=pieces(), headers={**TOKEN, **YAML})
        assert response.status == 413


@pytest.mark.parametrize(
    "situation",
    [
        Situation(judge=Failing(NotSyncedError("the first lists are not complete"))),
        Situation(judge=Failing(ReviewError("no answer"))),
        Situation(rights=CallerRights("no answer")),
        Situation(limits={"max_in_flight": 0}),
    ],
)
async def test_caller_is_asked_to_come_again_when_nothing_can_be_said_now(situation: Situation) -> None:
    answer = await post(MACHINE_SNAPSHOT, situation=situation)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def test_only_so_many_calls_are_answered_at_a_time() -> None:
    silent = Silent()
    situation = Situation(judge=silent, limits={"max_in_flight": 1, "deadline_seconds": 1.5})
    async with situation.client() as client:
        first = asyncio.create_task(client.post("/v1/validate", data=MACHINE_SNAPSHOT, headers={**TOKEN, **YAML}))
        await asyncio.wait_for(silent.arrived.wait(), 30)
        second = await client.post("/v1/validate", data=MACHINE_SNAPSHOT, headers={**TOKEN, **YAML})
        assert (second.status, (await first).status) == (503, 504)
    assert situation.registry.get_sample_value("snapgate_validation_in_flight") == 0


async def test_check_that_takes_too_long_is_given_up() -> None:
    answer = await post(MACHINE_SNAPSHOT, situation=Situation(judge=Silent(), limits={"deadline_seconds": 0.1}))
    assert answer.status == 504


async def test_own_failure_is_a_500_without_a_verdict_or_a_secret() -> None:
    answer = await post(MACHINE_SNAPSHOT, situation=Situation(judge=Failing(RuntimeError("secret detail"))))
    assert answer.status == 500
    assert "secret" not in json.dumps(answer.body)


async def test_every_documented_problem_is_one_that_a_test_here_provokes() -> None:
    assert set(PROBLEMS) == {400, 401, 403, 413, 415, 500, 503, 504}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/validate", 405), ("POST", "/v2/validate", 404)])
async def test_other_paths_and_methods_are_refused_in_the_same_form(method: str, path: str, status: int) -> None:
    async with Situation().client() as client:
        response = await client.request(method, path, headers=TOKEN)
        assert (response.status, response.content_type) == (status, "application/problem+json")


async def test_calls_and_verdicts_are_counted() -> None:
    situation = Situation()
    async with situation.client() as client:
        for body in (MACHINE_SNAPSHOT, "a: ["):
            await client.post("/v1/validate", data=body, headers={**TOKEN, **YAML})
    count = situation.registry.get_sample_value
    assert count("snapgate_validation_requests_total", {"status": "200"}) == 1
    assert count("snapgate_validation_requests_total", {"status": "400"}) == 1
    assert count("snapgate_validation_requests_total", {"status": "401"}) == 0
    labels = {"kind": "VirtualMachineSnapshot", "verdict": "allow"}
    assert count("snapgate_validation_verdicts_total", labels) == 1


@pytest.mark.parametrize("mistake", ["force: true", "migrate: {nodeSelector: {a: b}}"])
async def test_what_the_schema_refuses_of_a_start_is_denied_as_by_the_command(mistake: str) -> None:
    start = "apiVersion: virtualization.deckhouse.io/v1alpha2\nkind: VirtualMachineOperation\nmetadata: {name: start}\n"
    body = f"{start}spec: {{type: Start, virtualMachineName: linux-vm, {mistake}}}\n"
    assert told(await post(body)) == [("request:1", "deny", ["SchemaInvalid"])]
