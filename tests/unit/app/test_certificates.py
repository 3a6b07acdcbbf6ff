from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from certs.authority import new_authority
from certs.bundle import BundleError
from certs.store import StoreConflictError, Stored, StoreError
from tests.support.authorities import WallClock
from tests.support.fake_api_server import Answer, FakeApiServer, json, refusal
from tests.support.manifests import Json
from tests.support.serving import client_of
from webhook.app.certificates import (
    MUTATING_WEBHOOK_CONFIGURATION,
    VALIDATING_WEBHOOK_CONFIGURATION,
    BundleInConfigurations,
    Registration,
    SecretInCluster,
)
from webhook.kube.client import Client

SECRET: Json = {"metadata": {"name": "authority", "resourceVersion": "7"}, "data": {"ca.crt": "YQ=="}}
NOW = datetime(2026, 1, 2, tzinfo=UTC)
PEM = new_authority("ours", NOW).certificate_pem
BUNDLE = base64.b64encode(PEM).decode()


@pytest.fixture
def server() -> FakeApiServer:
    return FakeApiServer()


@pytest.fixture
async def client(server: FakeApiServer) -> AsyncIterator[Client]:
    async with client_of(server) as connected:
        yield connected


def configuration(ca_bundle: str = "", name: str = "validate.snapgate.io") -> Json:
    config = {"service": {"name": "s", "namespace": "n"}} | ({"caBundle": ca_bundle} if ca_bundle else {})
    return {"metadata": {"name": "snapgate"}, "webhooks": [{"name": name, "clientConfig": config}]}


def secret_in(client: Client) -> SecretInCluster:
    return SecretInCluster(client, "snapgate-system", "authority")


VALIDATING = Registration(VALIDATING_WEBHOOK_CONFIGURATION, "snapgate", ("validate.snapgate.io",))
MUTATING = Registration(MUTATING_WEBHOOK_CONFIGURATION, "snapgate", ("mutate.snapgate.io",))


def bundle_in(client: Client) -> BundleInConfigurations:
    return BundleInConfigurations(client, [VALIDATING], clock=lambda: NOW)


def bundle_in_both(client: Client) -> BundleInConfigurations:
    return BundleInConfigurations(client, [VALIDATING, MUTATING], clock=lambda: NOW)


async def test_secret_is_read_with_its_version(server: FakeApiServer, client: Client) -> None:
    server.others.append(json(SECRET))
    assert await secret_in(client).read() == Stored({"ca.crt": b"a"}, "7")


async def test_secret_that_does_not_exist_is_nothing(server: FakeApiServer, client: Client) -> None:
    server.others.append(refusal(404, "NotFound"))
    assert await secret_in(client).read() is None


@pytest.mark.parametrize(
    "answer", [refusal(403, "Forbidden"), json(SECRET | {"data": {"ca.crt": "not base64!"}}), refusal(500, "")]
)
async def test_secret_that_cannot_be_read_says_so(server: FakeApiServer, client: Client, answer: Answer) -> None:
    server.others.append(answer)
    with pytest.raises(StoreError):
        await secret_in(client).read()


async def test_creating_what_another_created_is_a_conflict(server: FakeApiServer, client: Client) -> None:
    server.others.append(refusal(409, "AlreadyExists"))
    with pytest.raises(StoreConflictError):
        await secret_in(client).create({"ca.crt": b"a"})


async def test_secret_is_written_only_over_the_version_that_was_read(server: FakeApiServer, client: Client) -> None:
    server.others.extend([json(SECRET), refusal(409, "Conflict")])
    await secret_in(client).update({"ca.crt": b"a"}, "7")
    assert server.bodies == [{"metadata": {"resourceVersion": "7"}, "data": {"ca.crt": "YQ=="}}]
    with pytest.raises(StoreConflictError):
        await secret_in(client).update({"ca.crt": b"a"}, "7")


async def test_bundle_is_applied_to_the_named_webhook_and_nothing_else(server: FakeApiServer, client: Client) -> None:
    server.others.extend([json(configuration()), json(configuration(BUNDLE))])
    await bundle_in(client).inject(PEM)
    assert server.requests[1].method == "PATCH"
    assert server.requests[1].query["fieldManager"] == "snapgate-cabundle"
    assert server.bodies[1] == {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "snapgate"},
        "webhooks": [{"name": "validate.snapgate.io", "clientConfig": {"caBundle": BUNDLE}}],
    }


async def test_authority_of_another_replica_is_not_taken_away_at_once(server: FakeApiServer, client: Client) -> None:
    theirs = new_authority("theirs", NOW).certificate_pem
    clock = WallClock(NOW)
    bundle = BundleInConfigurations(client, [VALIDATING], clock=clock)
    server.others.append(json(configuration(base64.b64encode(theirs).decode())))
    await bundle.inject(PEM)
    clock.advance(timedelta(hours=1))
    await bundle.inject(PEM)
    applied = [base64.b64decode(body["webhooks"][0]["clientConfig"]["caBundle"]) for body in server.bodies if body]
    assert applied == [PEM + theirs, PEM]


async def test_bundle_that_is_there_is_not_written_again(server: FakeApiServer, client: Client) -> None:
    server.others.append(json(configuration(BUNDLE)))
    await bundle_in(client).inject(PEM)
    assert [request.method for request in server.requests] == ["GET"]


@pytest.mark.parametrize("answer", [refusal(404, "NotFound"), json(configuration(name="other")), refusal(403, "")])
async def test_bundle_that_has_no_place_is_not_written(server: FakeApiServer, client: Client, answer: Answer) -> None:
    server.others.append(answer)
    with pytest.raises(BundleError):
        await bundle_in(client).inject(PEM)
    assert [request.method for request in server.requests] == ["GET"]


async def test_bundle_is_given_to_both_configurations(server: FakeApiServer, client: Client) -> None:
    mutating = configuration(name="mutate.snapgate.io")
    server.others.extend([json(configuration()), json(configuration(BUNDLE)), json(mutating), json(mutating)])
    await bundle_in_both(client).inject(PEM)
    assert [(request.method, request.path.rsplit("/", 2)[-2]) for request in server.requests] == [
        ("GET", "validatingwebhookconfigurations"),
        ("PATCH", "validatingwebhookconfigurations"),
        ("GET", "mutatingwebhookconfigurations"),
        ("PATCH", "mutatingwebhookconfigurations"),
    ]
    assert server.bodies[-1]["kind"] == "MutatingWebhookConfiguration"
    assert server.bodies[-1]["webhooks"] == [{"name": "mutate.snapgate.io", "clientConfig": {"caBundle": BUNDLE}}]


async def test_one_missing_configuration_leaves_the_other_with_the_bundle(
    server: FakeApiServer, client: Client
) -> None:
    mutating = configuration(name="mutate.snapgate.io")
    server.others.extend([refusal(404, "NotFound"), json(mutating), json(mutating)])
    with pytest.raises(BundleError, match="ValidatingWebhookConfiguration snapgate was not given the authority"):
        await bundle_in_both(client).inject(PEM)
    assert [request.method for request in server.requests] == ["GET", "GET", "PATCH"]
