"""The validation service over a world of a test's own; each answer is held against the OpenAPI document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator
from prometheus_client import CollectorRegistry

from tests.support.known import KnownWorld
from tests.support.rights import Rights
from tests.support.rights_of_callers import CallerRights
from tests.support.world import World
from webhook.admission.review import Review
from webhook.findings.policy import Policy
from webhook.gate.gate import Gate
from webhook.gate.verdict import Verdict
from webhook.service.caller import Callers
from webhook.service.openapi import openapi
from webhook.service.validation import validation_application
from webhook.service.validation_metrics import ValidationMetrics
from webhook.validation.gated import Judge

TOKEN: Final = {"Authorization": "Bearer carols"}
YAML: Final = {"Content-Type": "application/yaml"}
JSON: Final = {"Content-Type": "application/json"}
WORLD: Final = (
    World().disk("root").machine("linux-vm", disks=["root"]).disk("old").machine("old-vm", disks=["old"], agent=False)
)


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        raise self._error


class Silent:
    """Takes a review and never answers. `arrived` is set when it has one."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()

    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        self.arrived.set()
        await asyncio.Event().wait()
        raise AssertionError


def gate_over(world: World) -> Gate:
    async def read_live(_: object, /) -> World:
        return world

    return Gate(KnownWorld(world), Policy, read_live, Rights())


@dataclass
class Situation:
    judge: Judge = field(default_factory=lambda: gate_over(WORLD))
    rights: CallerRights = field(default_factory=CallerRights)
    limits: dict[str, Any] = field(default_factory=dict)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[TestClient[Any, Any]]:
        callers = Callers(self.rights, ["snapgate"])
        metrics = ValidationMetrics(self.registry)
        application = validation_application(self.judge, Policy, callers, metrics, **self.limits)
        async with TestClient(TestServer(application)) as client:
            yield client


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


async def post(
    body: str | bytes, headers: dict[str, str] = YAML, situation: Situation | None = None, **token: str
) -> Answer:
    as_bytes = body.encode() if isinstance(body, str) else body
    async with (situation or Situation()).client() as client:
        response = await client.post("/v1/validate", data=BytesIO(as_bytes), headers={**TOKEN, **headers, **token})
        answer = Answer(response.status, await response.json(content_type=None), dict(response.headers))
    must_be_documented(answer)
    return answer


def must_be_documented(answer: Answer) -> None:
    """The answer is one that the OpenAPI document promises, with the headers it promises."""
    document = openapi()
    promised = document["paths"]["/v1/validate"]["post"]["responses"][str(answer.status)]
    ((content_type, content),) = promised["content"].items()
    assert answer.headers["Content-Type"].partition(";")[0] == content_type
    assert set(promised.get("headers", {})) <= set(answer.headers)
    schema = {**content["schema"], "components": document["components"]}
    Draft202012Validator(schema).validate(answer.body)


def told(answer: Answer) -> list[tuple[str, str, list[str]]]:
    assert answer.status == 200, answer.body
    return [
        (each["source"], each["verdict"], [finding["code"] for finding in each["findings"]])
        for each in answer.body["results"]
    ]
