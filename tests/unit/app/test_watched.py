from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.chart import named, rendered
from webhook.admission.judged import COLLECTORS, EXECUTORS, JUDGED
from webhook.app.certificate_modes import VALIDATING_WEBHOOKS
from webhook.app.watched import FOR_DECISIONS, FOR_EXECUTION, indexes_over
from webhook.facts.indexes import INDEXES
from webhook.inventory.watched import Watched

DECISIONS: Final = {watched.kind.name for watched in FOR_DECISIONS}


def granted(component: str) -> set[tuple[str, str]]:
    """What the ClusterRole of a component allows to get, list and watch."""
    role = named(rendered(), "ClusterRole", f"snapgate-{component}")
    return {
        (group, resource)
        for rule in role["rules"]
        if {"list", "watch"} <= set(rule["verbs"])
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


@pytest.mark.parametrize(("component", "watched"), [("webhook", FOR_DECISIONS), ("reconciler", FOR_EXECUTION)])
def test_what_is_watched_may_be_watched(component: str, watched: tuple[Watched[Any], ...]) -> None:
    assert granted(component) >= {(each.kind.group, each.kind.plural) for each in watched}


def test_the_webhook_may_read_nothing_that_it_does_not_watch() -> None:
    assert granted("webhook") == {(each.kind.group, each.kind.plural) for each in FOR_DECISIONS}


def test_each_kind_is_watched_once() -> None:
    assert len(FOR_EXECUTION) == len({watched.kind.resource for watched in FOR_EXECUTION})


def test_every_index_of_a_watched_kind_is_kept() -> None:
    assert set(indexes_over(FOR_DECISIONS)) == {index for index in INDEXES if index.kind.name in DECISIONS}
    assert set(indexes_over(FOR_EXECUTION)) == set(INDEXES)


def test_controllers_are_not_even_asked_about() -> None:
    """So that an unreachable webhook holds up no garbage collection, no namespace and nothing that was accepted."""
    configuration = named(rendered(), "ValidatingWebhookConfiguration", "snapgate")
    for webhook in configuration["webhooks"]:
        expressions = {each["name"]: each["expression"] for each in webhook["matchConditions"]}
        assert all(f'"{name}"' in expressions["not-collected-as-garbage"] for name in COLLECTORS)
        assert all(f'"{name}"' in expressions["not-by-an-executor"] for name in EXECUTORS)


def test_every_webhook_of_the_configuration_is_given_the_authority() -> None:
    configuration = named(rendered(), "ValidatingWebhookConfiguration", "snapgate")
    assert [each["name"] for each in configuration["webhooks"]] == list(VALIDATING_WEBHOOKS)


def test_what_is_judged_is_asked_about() -> None:
    """And nothing else: a review of a kind without rules only costs time."""
    configuration = named(rendered(), "ValidatingWebhookConfiguration", "snapgate")
    asked = {
        (group, resource)
        for webhook in configuration["webhooks"]
        for rule in webhook["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    assert asked == {(kind.group, kind.plural) for kind in JUDGED.values()}
