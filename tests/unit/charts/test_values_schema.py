"""What of the schema of values is generated, held against what it is generated from."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from charts.generate import CHART
from charts.values_schema import values_schema
from charts.values_table import ValuesError, described
from tests.support.chart import named, rendered, template
from tests.support.metrics import alerts
from webhook.app.policy_file import Given, PolicyFileError, policy_from
from webhook.findings.catalogue import CATALOGUE
from webhook.findings.code import Action
from webhook.findings.policy import Policy

SCHEMA = (CHART / "values.schema.json").read_text(encoding="utf-8")
VALUES = (CHART / "values.yaml").read_text(encoding="utf-8")
ALERTS = (CHART / "files" / "alerts.yaml").read_text(encoding="utf-8")
DEFAULTS: dict[str, Any] = yaml.safe_load(VALUES)
Path = tuple[str, ...]


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA))


def schema_takes(policy: dict[str, Any]) -> bool:
    return validator().is_valid({**DEFAULTS, "policy": policy})


def process_takes(policy: dict[str, Any]) -> bool:
    try:
        policy_from(yaml.safe_dump(policy), "policy.yaml", Given())
    except PolicyFileError:
        return False
    return True


def overrides(code: str) -> Iterator[dict[str, Any]]:
    yield {}
    for action in [*map(str, Action), False, "ignore"]:
        yield {"overrides": {code: action}}
        for place in ("blocking", "advisory", "somewhere"):
            yield {"overrides": {code: {place: action}}}
        for other in map(str, Action):
            yield {"overrides": {code: {"blocking": action, "advisory": other}}}
    yield {"overrides": {code: {}}}


@pytest.mark.parametrize("code", [*(code.name for code in CATALOGUE), "Typo"])
def test_helm_takes_the_overrides_that_the_process_takes(code: str) -> None:
    given = list(overrides(code))
    taken = [policy for policy in given if process_takes(policy)]
    assert [policy for policy in given if schema_takes(policy)] == taken
    assert (len(taken) > 1) is (code != "Typo")


@pytest.mark.parametrize("who", [{}, {"users": []}, {"users": [], "groups": ["a"]}, {"users": ["a"]}, {"names": ["a"]}])
def test_helm_takes_the_escapes_that_the_process_takes(who: dict[str, Any]) -> None:
    given = [{"escapes": [{"codes": codes, **who}]} for codes in ([], ["Typo"], *([each.name] for each in CATALOGUE))]
    assert [each for each in given if schema_takes(each)] == [each for each in given if process_takes(each)]


@pytest.mark.parametrize(
    "policy", [{"profile": "lenient"}, {"permissions": "off"}, {"profiles": "strict"}, {"permissions": "enforce"}]
)
def test_helm_takes_the_policy_that_the_process_takes(policy: dict[str, Any]) -> None:
    assert schema_takes(policy) is process_takes(policy)


def test_off_may_be_written_as_it_is_meant() -> None:
    """Which YAML 1.1, as Helm reads values, takes for a truth value; and so does the reader of this test."""
    values = yaml.safe_load("policy: {overrides: {SeveralDrivers: off}}")
    text = named(rendered(values), "ConfigMap", "snapgate-policy")["data"]["policy.yaml"]
    read: Policy = policy_from(text, "policy.yaml", Given())
    assert read.overrides["SeveralDrivers"].advisory is Action.OFF


def test_another_policy_restarts_no_pod() -> None:
    """The file is read again when it changes."""
    usual, other = rendered(), rendered({"policy": {"profile": "gitops"}})
    different = [each["metadata"]["name"] for each, theirs in zip(usual, other, strict=True) if each != theirs]
    assert different == ["snapgate-policy"]


def test_an_alert_that_there_is_not_cannot_be_left_out() -> None:
    def takes(*names: str) -> bool:
        values = copy.deepcopy(DEFAULTS)
        values["monitoring"]["prometheusRule"]["disabled"] = list(names)
        return validator().is_valid(values)

    assert takes(*(rule["alert"] for rule in alerts()))
    assert not takes("SnapgateTypo")


def without(*paths: Path) -> dict[str, Any]:
    values = copy.deepcopy(DEFAULTS)
    for path in paths:
        below = values
        for key in path[:-1]:
            below = below[key]
        del below[path[-1]]
    return values


def value_of(path: Path) -> Any:
    value: Any = DEFAULTS
    for key in path:
        value = value[key]
    return value


def nulls(paths: list[Path]) -> dict[str, Any]:
    """As people write them, to take a default away."""
    values: dict[str, Any] = {}
    for path in paths:
        below = values
        for key in path[:-1]:
            below = below.setdefault(key, {})
        below[path[-1]] = None
    return values


EMPTY = [path for path, _ in described(VALUES) if value_of(path) in ("", [], {})]
NEEDED = sorted({path[: depth + 1] for path, _ in described(VALUES) for depth in range(len(path))} - set(EMPTY))


@pytest.mark.parametrize("path", NEEDED, ids=".".join)
def test_a_value_that_templates_need_cannot_be_taken_away(path: Path) -> None:
    (error,) = validator().iter_errors(without(path))
    assert error.message == f"'{path[-1]}' is a required property"
    assert tuple(error.path) == path[:-1]


def test_helm_says_which_value_was_taken_away() -> None:
    said = template({"webhook": {"drain": None}}).stderr
    assert "at '/webhook': missing property 'drain'" in said


@pytest.mark.parametrize("mode", ["full", "guard"])
def test_what_is_empty_may_be_taken_away(mode: str) -> None:
    assert len(EMPTY) > 20
    assert rendered({"mode": mode, **nulls(EMPTY)}) == rendered({"mode": mode})


def test_a_value_that_the_schema_does_not_know_is_an_error() -> None:
    with pytest.raises(ValuesError, match=r"not in the schema: webhook\.shape"):
        values_schema(SCHEMA, "webhook:\n  # -- How it looks\n  shape: round\n", ALERTS)
