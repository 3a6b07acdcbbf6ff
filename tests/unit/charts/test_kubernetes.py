"""What is rendered, held against the API of the oldest version that the chart allows and of the newest."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.chart import rendered
from tests.support.installations import INSTALLATIONS
from tests.support.kubectl import Json
from tests.support.kubernetes_schemas import DIRECTORY

VERSIONS = ("v1.30.14", "v1.37.2")
FOREIGN = ("cert-manager.io/", "monitoring.coreos.com/")
"""Kinds that Kubernetes does not know."""


@cache
def schemas(version: str) -> Any:
    return json.loads((DIRECTORY / f"{version}.json").read_text())


def complaints(version: str, document: Json) -> list[str]:
    known = schemas(version)
    kind = f"{document['apiVersion']}/{document['kind']}"
    assert kind in known["kinds"], f"{kind} is not in the schemas of {version}"
    schema = {"$ref": f"#/definitions/{known['kinds'][kind]}", "definitions": known["definitions"]}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", INSTALLATIONS.values(), ids=INSTALLATIONS.keys())
def test_the_api_takes_what_is_rendered(values: dict[str, Any], version: str) -> None:
    objects = [each for each in rendered(values) if not each["apiVersion"].startswith(FOREIGN)]
    found = {
        f"{each['kind']} {each['metadata']['name']}": problems
        for each in objects
        if (problems := complaints(version, each))
    }
    assert found == {}


@pytest.mark.parametrize("mode", ["full", "guard"])
def test_every_version_gets_the_same(mode: str) -> None:
    oldest, newest = (rendered({"mode": mode}, f"--kube-version={version}") for version in VERSIONS)
    assert oldest == newest


@pytest.mark.parametrize("version", VERSIONS)
def test_a_member_that_the_api_does_not_have_is_noticed(version: str) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "readyProbe": {}}]}}
    (complaint,) = complaints(version, pod)
    assert "readyProbe" in complaint
