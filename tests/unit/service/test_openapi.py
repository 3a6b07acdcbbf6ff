from __future__ import annotations

import json

from jsonschema import Draft202012Validator
from prometheus_client import CollectorRegistry

from tests.support.rights_of_callers import CallerRights
from tests.support.validation_in_process import (
    WORLD,
    Situation,
    gate_over,
)
from webhook.findings.policy import Policy
from webhook.service.caller import Callers
from webhook.service.openapi import openapi
from webhook.service.validation import validation_application
from webhook.service.validation_metrics import ValidationMetrics


async def test_document_is_served_without_a_token() -> None:
    async with Situation().client() as client:
        response = await client.get("/openapi.json")
        document = await response.json()
    assert (response.status, document["openapi"], document) == (200, "3.1.0", json.loads(json.dumps(openapi())))


def test_document_names_what_is_served() -> None:
    application = validation_application(
        gate_over(WORLD), Policy, Callers(CallerRights(), ()), ValidationMetrics(CollectorRegistry())
    )
    served = {
        (route.resource.canonical, route.method.lower())
        for route in application.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    documented = {(path, method) for path, methods in openapi()["paths"].items() for method in methods}
    assert served == documented


def test_schemas_of_the_document_are_valid_and_closed() -> None:
    for schema in openapi()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False
