from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest
from aiohttp import web

from tests.support.fake_api_server import Answer, FakeApiServer, json, refusal
from webhook.facts.user import Access, User
from webhook.kube.authorization import ReviewError, Reviews
from webhook.kube.client import Client

JANE: Final = User("jane", "u-1", ("team", "system:authenticated"), (("scopes", ("a", "b")),))
CREATE: Final = Access("create", "virtualization.deckhouse.io", "virtualdisks", namespace="default")
DELETE: Final = Access("delete", "virtualization.deckhouse.io", "virtualdisks", namespace="default", name="root")
GET_SECRET: Final = Access("get", "", "secrets", namespace="default", name="cloud-init")


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def reviews(client: Client, time: Time) -> Reviews:
    return Reviews(client, clock=time, deadline_seconds=2.0)


def allowed_verbs(*verbs: str, **status: Any) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        asked = (await request.json())["spec"]["resourceAttributes"]
        return web.json_response({"status": {"allowed": asked["verb"] in verbs, **status}}, status=201)

    return answer


def whose(username: str = "", **status: Any) -> Answer:
    user = {"username": username, "uid": "u-1", "groups": ["team"], "extra": {"b": ["2"], "a": ["1"]}}
    return json({"status": {"authenticated": bool(username), "user": user, **status}}, 201)


async def test_each_access_is_asked_for_as_the_user(server: FakeApiServer, reviews: Reviews) -> None:
    server.others.append(allowed_verbs("create"))
    assert await reviews.allowed(JANE, [CREATE, DELETE]) == {CREATE: True, DELETE: False}
    assert {each.path for each in server.requests} == {"/apis/authorization.k8s.io/v1/subjectaccessreviews"}
    (asked,) = [body for body in server.bodies if body["spec"]["resourceAttributes"]["verb"] == "delete"]
    assert asked == {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": "jane",
            "uid": "u-1",
            "groups": ["team", "system:authenticated"],
            "extra": {"scopes": ["a", "b"]},
            "resourceAttributes": {
                "verb": "delete",
                "group": "virtualization.deckhouse.io",
                "resource": "virtualdisks",
                "namespace": "default",
                "name": "root",
            },
        },
    }


async def test_an_error_on_the_way_to_a_decision_does_not_undo_it(server: FakeApiServer, reviews: Reviews) -> None:
    server.others.append(allowed_verbs(evaluationError='clusterrole "gone" not found'))
    assert await reviews.allowed(JANE, [CREATE]) == {CREATE: False}


async def test_all_are_asked_at_once(server: FakeApiServer, reviews: Reviews) -> None:
    arrived = 0

    async def when_both_are_there(request: web.Request) -> web.StreamResponse:
        nonlocal arrived
        arrived += 1
        async with asyncio.timeout(30):
            while arrived < 2:  # noqa: ASYNC110 - the other request is what is waited for
                await asyncio.sleep(0.001)
        return web.json_response({"status": {"allowed": True}})

    server.others.append(when_both_are_there)
    assert await reviews.allowed(JANE, [CREATE, DELETE]) == {CREATE: True, DELETE: True}


@pytest.mark.parametrize(("verb", "seconds"), [("create", 10.0), ("nothing", 5.0)])
async def test_an_answer_is_remembered_for_a_moment(
    server: FakeApiServer, reviews: Reviews, time: Time, verb: str, seconds: float
) -> None:
    server.others.append(allowed_verbs(verb))
    for _ in range(2):
        await reviews.allowed(JANE, [CREATE])
    time.now += seconds - 0.1
    await reviews.allowed(JANE, [CREATE])
    assert len(server.requests) == 1
    time.now += 0.1
    await reviews.allowed(JANE, [CREATE])
    assert len(server.requests) == 2


async def test_what_one_may_do_says_nothing_of_another_or_of_another_group(
    server: FakeApiServer, reviews: Reviews
) -> None:
    server.others.append(allowed_verbs("create"))
    for user in (JANE, User("jane", "u-1", ("team",)), User("joe")):
        await reviews.allowed(user, [CREATE])
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "failing",
    [refusal(403, "Forbidden", "may not ask"), refusal(500, "InternalError"), json({"kind": "Odd"}), json([])],
)
async def test_a_question_that_fails_is_no_answer(server: FakeApiServer, reviews: Reviews, failing: Answer) -> None:
    server.others.extend([failing, failing, allowed_verbs("create")])
    with pytest.raises(ReviewError):
        await reviews.allowed(JANE, [CREATE, DELETE])
    assert await reviews.allowed(JANE, [CREATE]) == {CREATE: True}


async def test_an_api_server_that_sits_on_a_question_is_given_up(server: FakeApiServer, client: Client) -> None:
    async def stalled(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    server.others.append(stalled)
    with pytest.raises(ReviewError, match=r"did not answer within 0\.05 s"):
        await Reviews(client, clock=Time(), deadline_seconds=0.05).allowed(JANE, [GET_SECRET])


async def test_a_token_is_somebodys(server: FakeApiServer, reviews: Reviews) -> None:
    server.others.append(whose("jane"))
    assert await reviews.token("secret") == User("jane", "u-1", ("team",), (("a", ("1",)), ("b", ("2",))))
    assert server.bodies == [
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "secret"}}
    ]


async def test_a_token_that_is_nobodys_is_told_and_remembered_for_a_moment(
    server: FakeApiServer, reviews: Reviews, time: Time
) -> None:
    server.others.append(whose(error="invalid bearer token"))
    assert [await reviews.token("bad") for _ in range(2)] == [None, None]
    assert len(server.requests) == 1
    time.now += 5.0
    await reviews.token("bad")
    assert len(server.requests) == 2


@pytest.mark.parametrize(("answered", "valid"), [(["snapgate"], True), (["other"], False), ([], False)])
async def test_a_token_for_others_is_nobodys_here(
    server: FakeApiServer, reviews: Reviews, answered: list[str], valid: bool
) -> None:
    server.others.append(whose("jane", audiences=answered))
    assert (await reviews.token("secret", ["snapgate"]) is not None) is valid
    assert server.bodies[0]["spec"]["audiences"] == ["snapgate"]
