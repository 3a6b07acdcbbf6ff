"""The OpenAPI document of the validation service."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from webhook.service.posted_body import FORMATS
from webhook.service.problem import PROBLEM_JSON, Problem
from webhook.validation.limits import OF_REQUESTS
from webhook.validation.posted import MAX_POSTED_BYTES
from webhook.validation.result import Results

_SCHEMAS: Final = "#/components/schemas"
_BODY: Final = (
    "An object, a List, or an AdmissionReview (admission.k8s.io/v1); in YAML also several documents. At most "
    f"{MAX_POSTED_BYTES // (1024 * 1024)} MiB, {OF_REQUESTS.documents} objects and {OF_REQUESTS.nodes} values, YAML "
    "aliases written out. Objects that Snapgate does not judge get no result."
)
PROBLEMS: Final = {
    400: "The body cannot be read; `errors` say where.",
    401: "No token, or none that is known.",
    403: "The caller may not create one of these kinds in its namespace; `errors` name them.",
    413: "The body is too large.",
    415: "The body is neither JSON nor YAML.",
    500: "A defect of Snapgate.",
    503: "Not ready, too many calls, or the API server cannot be asked; try again after Retry-After.",
    504: "It took too long; send fewer objects at once.",
}


@cache
def openapi() -> dict[str, Any]:
    _, definitions = models_json_schema(
        [(Results, "serialization"), (Problem, "serialization")], ref_template=f"{_SCHEMAS}/{{model}}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Snapgate validation",
            "version": version("snapgate"),
            "description": "What admission would say of manifests of snapshots, restores and clones. Nothing is "
            "written. Documents do not see each other.",
        },
        "paths": {
            "/v1/validate": {"post": _validate()},
            "/openapi.json": {"get": _document()},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": definitions["$defs"],
        },
    }


def _validate() -> dict[str, Any]:
    return {
        "operationId": "validate",
        "summary": "Check objects as they would be checked when created",
        "security": [{"token": []}],
        "requestBody": {
            "description": _BODY,
            "required": True,
            "content": {content_type: {"schema": {}} for content_type in FORMATS},
        },
        "responses": {
            "200": {
                "description": "One result for each object that was judged, in their order.",
                "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}/Results"}}},
            },
            **{str(status): _problem(status, text) for status, text in PROBLEMS.items()},
        },
    }


def _problem(status: int, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": text,
        "content": {PROBLEM_JSON: {"schema": {"$ref": f"{_SCHEMAS}/Problem"}}},
    }
    header = {401: "WWW-Authenticate", 503: "Retry-After"}.get(status)
    if header is not None:
        answer["headers"] = {header: {"required": True, "schema": {"type": "string"}}}
    return answer


def _document() -> dict[str, Any]:
    return {
        "operationId": "openapi",
        "summary": "This document",
        "responses": {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {}}}}},
    }
