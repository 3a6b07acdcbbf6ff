from __future__ import annotations

from typing import Any

import pytest

from webhook.api.reference import Reference
from webhook.validation.metadata import metadata_remarks

SUBJECT = Reference("VirtualMachineSnapshot", "default", "a")


def fields(**metadata: Any) -> list[str]:
    return [each.finding.field for each in metadata_remarks({"metadata": metadata}, SUBJECT, lambda _: None)]


@pytest.mark.parametrize("namespace", ["team", "a-1", "x" * 63, "", None])
def test_namespace_that_may_exist_is_not_told(namespace: str | None) -> None:
    assert fields(name="a", namespace=namespace) == []


@pytest.mark.parametrize("namespace", [5, True, ["a"], "Team", "a.b", "-a", "x" * 64])
def test_namespace_that_cannot_exist_is_told(namespace: Any) -> None:
    assert fields(name="a", namespace=namespace) == ["metadata.namespace"]


@pytest.mark.parametrize("prefix", ["nightly-", "nightly", "a.b-"])
def test_beginning_of_a_name_is_not_told(prefix: str) -> None:
    assert fields(generateName=prefix) == []


@pytest.mark.parametrize("prefix", ["Nightly-", "-a", "a_b-", "x" * 254])
def test_what_begins_no_name_is_told(prefix: str) -> None:
    assert fields(generateName=prefix) == ["metadata.generateName"]
    assert fields(name="a", generateName=prefix) == ["metadata.generateName"]


def test_each_value_that_is_no_text_is_told_by_its_name() -> None:
    metadata = {"labels": {"app": 1, "ok": "yes", "example.com/a": True}, "annotations": {"list": []}}
    assert fields(name="a", labels=["app"]) == ["metadata.labels"]
    assert fields(name=20261126, **metadata) == [
        "metadata.name",
        "metadata.labels.app",
        "metadata.labels[example.com/a]",
        "metadata.annotations.list",
    ]
