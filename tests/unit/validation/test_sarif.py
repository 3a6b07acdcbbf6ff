from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import pytest
from jsonschema import Draft7Validator

from tests.support.documents import MACHINE_SNAPSHOT, PAGE_RESTORE, read
from tests.support.world import World
from webhook.findings.policy import Policy
from webhook.validation.check import check
from webhook.validation.judgement import Judgement, over
from webhook.validation.sarif import sarif_of

_TEXT: Final = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
    "additionalProperties": False,
}
_FROM_ONE: Final = {"type": "integer", "minimum": 1}
_REGION: Final = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), _FROM_ONE),
        "charOffset": {"type": "integer", "minimum": 0},
        "charLength": {"type": "integer", "minimum": 0},
    },
    "additionalProperties": False,
}
_ARTIFACT: Final = {
    "type": "object",
    "properties": {"uri": {"type": "string", "format": "uri-reference"}},
    "additionalProperties": False,
}
_REPLACEMENT: Final = {
    "type": "object",
    "required": ["deletedRegion"],
    "properties": {"deletedRegion": _REGION, "insertedContent": _TEXT},
    "additionalProperties": False,
}
_CHANGE: Final = {
    "type": "object",
    "required": ["artifactLocation", "replacements"],
    "properties": {
        "artifactLocation": _ARTIFACT,
        "replacements": {"type": "array", "minItems": 1, "items": _REPLACEMENT},
    },
    "additionalProperties": False,
}
_LOCATION: Final = {
    "type": "object",
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {"artifactLocation": _ARTIFACT, "region": _REGION},
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}
_RESULT: Final = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": _TEXT,
        "locations": {"type": "array", "items": _LOCATION},
        "fixes": {
            "type": "array",
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["artifactChanges"],
                "properties": {
                    "description": _TEXT,
                    "artifactChanges": {"type": "array", "minItems": 1, "items": _CHANGE},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
_RULE: Final = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "shortDescription": _TEXT, "fullDescription": _TEXT, "help": _TEXT},
    "additionalProperties": False,
}
SARIF: Final = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "version": {"type": "string"},
                                    "rules": {"type": "array", "uniqueItems": True, "items": _RULE},
                                },
                                "additionalProperties": False,
                            }
                        },
                        "additionalProperties": False,
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": _RESULT},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
"""The part of the OASIS schema of SARIF 2.1.0 (os) that describes what we write; nothing else is allowed here."""


def log(text: str, file: str = "a.yaml") -> dict[str, Any]:
    world = World().disk("root").machine("linux-vm", disks=["root"], agent=False)
    judgement = Judgement(over(world, Policy()), Policy(), "default")
    written: dict[str, Any] = json.loads(sarif_of(asyncio.run(check(judgement, read(text, file)))))
    return written


@pytest.mark.parametrize("text", [PAGE_RESTORE, MACHINE_SNAPSHOT, "a: [", "", "text", f"{PAGE_RESTORE}---\na: b: c"])
def test_log_satisfies_its_schema(text: str) -> None:
    Draft7Validator.check_schema(SARIF)
    Draft7Validator(SARIF).validate(log(text))


def test_every_result_names_a_rule_of_the_run() -> None:
    (run,) = log(f"{PAGE_RESTORE}---\na: [\n---\n{MACHINE_SNAPSHOT}")["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert sorted(set(rules)) == sorted(rules)
    assert {result["ruleId"] for result in run["results"]} == set(rules)
    assert {"SchemaInvalid", "ConsistencyUnavailable", "Unreadable"} <= set(rules)


def test_region_and_replacement_are_of_the_text() -> None:
    (run,) = log(PAGE_RESTORE)["runs"]
    text = PAGE_RESTORE
    for result in run["results"]:
        if "fixes" not in result:
            continue
        region = result["locations"][0]["physicalLocation"]["region"]
        line = text.splitlines()[region["startLine"] - 1]
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] in {"apiVersion", "type", "mode"}
        (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
        deleted = replacement["deletedRegion"]
        removed = text[deleted["charOffset"] : deleted["charOffset"] + deleted["charLength"]]
        assert removed in {"virtualisation.deckhouse.io/v1alpha2", "restore", "strict"}


@pytest.mark.parametrize(
    ("file", "uri"), [("a b/ä.yaml", "a%20b/%C3%A4.yaml"), ("/x/a.yaml", "file:///x/a.yaml"), ("-", "stdin")]
)
def test_file_is_named_by_a_uri(file: str, uri: str) -> None:
    (run,) = log(PAGE_RESTORE, file)["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}
