from __future__ import annotations

import jsonschema
import pytest

from tests.support.fake_api_server import FakeApiServer, json, refusal
from tests.support.serving import client_of
from webhook.api.crd import custom_resource_definition
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.app import self_test
from webhook.app.self_test import MARK, NotAnsweredError, bad_operation


async def asked(server: FakeApiServer) -> str:
    async with client_of(server) as client:
        return await self_test.ask(client, "default")


async def test_a_denial_by_snapgate_is_what_is_wanted() -> None:
    server = FakeApiServer()
    server.others.append(refusal(422, "Invalid", f"nothing of kind SelfTest is copied {MARK}"))
    assert MARK in await asked(server)
    assert dict(server.requests[0].query) == {"dryRun": "All"}


async def test_an_acceptance_means_that_nobody_was_asked() -> None:
    server = FakeApiServer()
    server.others.append(json({"metadata": {"name": "x"}}, 201))
    with pytest.raises(NotAnsweredError, match="accepted it without asking"):
        await asked(server)


async def test_a_refusal_for_another_reason_is_told_as_it_is() -> None:
    server = FakeApiServer()
    server.others.append(refusal(500, "InternalError", 'failed calling webhook "validate.snapgate.io"'))
    with pytest.raises(NotAnsweredError, match="failed calling webhook"):
        await asked(server)


def test_our_own_crd_lets_the_question_through() -> None:
    version = custom_resource_definition(VIRTUAL_MACHINE_OPERATION)["spec"]["versions"][0]
    jsonschema.validate(bad_operation(), version["schema"]["openAPIV3Schema"])
