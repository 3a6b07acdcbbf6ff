from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from webhook.admission.judged import COLLECTORS, EXECUTORS, JUDGED
from webhook.app.certificate_modes import VALIDATING_WEBHOOKS
from webhook.app.watched import FOR_DECISIONS, FOR_EXECUTION, indexes_over
from webhook.facts.indexes import INDEXES
from webhook.inventory.watched import Watched

DEPLOY: Final = Path(__file__).parents[3] / "deploy"
CHART: Final = Path(__file__).parents[3] / "charts" / "snapgate" / "templates"
DECISIONS: Final = {watched.kind.name for watched in FOR_DECISIONS}


def granted(file: Path) -> set[tuple[str, str]]:
    """What the ClusterRole of a file allows to get, list and watch. What a chart fills in is none of it."""
    text = "\n".join(line for line in file.read_text().splitlines() if "{{" not in line)
    documents = yaml.safe_load_all(text)
    (role,) = [document for document in documents if document["kind"] == "ClusterRole"]
    return {
        (group, resource)
        for rule in role["rules"]
        if {"list", "watch"} <= set(rule["verbs"])
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


@pytest.mark.parametrize("directory", [DEPLOY, CHART])
@pytest.mark.parametrize(
    ("file", "watched"), [("webhook-rbac.yaml", FOR_DECISIONS), ("reconciler-rbac.yaml", FOR_EXECUTION)]
)
def test_what_is_watched_may_be_watched(directory: Path, file: str, watched: tuple[Watched[Any], ...]) -> None:
    assert granted(directory / file) >= {(each.kind.group, each.kind.plural) for each in watched}


@pytest.mark.parametrize("directory", [DEPLOY, CHART])
def test_the_webhook_may_read_nothing_that_it_does_not_watch(directory: Path) -> None:
    watched = {(each.kind.group, each.kind.plural) for each in FOR_DECISIONS}
    assert granted(directory / "webhook-rbac.yaml") == watched


def test_each_kind_is_watched_once() -> None:
    assert len(FOR_EXECUTION) == len({watched.kind.resource for watched in FOR_EXECUTION})


def test_every_index_of_a_watched_kind_is_kept() -> None:
    assert set(indexes_over(FOR_DECISIONS)) == {index for index in INDEXES if index.kind.name in DECISIONS}
    assert set(indexes_over(FOR_EXECUTION)) == set(INDEXES)


def test_controllers_are_not_even_asked_about() -> None:
    """So that an unreachable webhook holds up no garbage collection, no namespace and nothing that was accepted."""
    documents = yaml.safe_load_all((DEPLOY / "webhook.yaml").read_text())
    (configuration,) = [each for each in documents if each["kind"] == "ValidatingWebhookConfiguration"]
    for webhook in configuration["webhooks"]:
        expressions = {each["name"]: each["expression"] for each in webhook["matchConditions"]}
        assert all(f'"{name}"' in expressions["not-collected-as-garbage"] for name in COLLECTORS)
        assert all(f'"{name}"' in expressions["not-by-an-executor"] for name in EXECUTORS)


def test_every_webhook_of_the_configuration_is_given_the_authority() -> None:
    documents = yaml.safe_load_all((DEPLOY / "webhook.yaml").read_text())
    (configuration,) = [each for each in documents if each["kind"] == "ValidatingWebhookConfiguration"]
    assert [each["name"] for each in configuration["webhooks"]] == list(VALIDATING_WEBHOOKS)


def test_what_is_judged_is_asked_about() -> None:
    """And nothing else: a review of a kind without rules only costs time."""
    documents = yaml.safe_load_all((DEPLOY / "webhook.yaml").read_text())
    (configuration,) = [each for each in documents if each["kind"] == "ValidatingWebhookConfiguration"]
    asked = {
        (group, resource)
        for webhook in configuration["webhooks"]
        for rule in webhook["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    assert asked == {(kind.group, kind.plural) for kind in JUDGED.values()}
