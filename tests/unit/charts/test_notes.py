"""What helm tells after an installation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chart import NAMESPACE, rendered

NOTES = """
kind: Notes
metadata: {name: notes}
text: {{ include "snapgate/templates/NOTES.txt" . | toJson }}
"""
CRDS = "--api-versions=virtualization.deckhouse.io/v1alpha2/VirtualMachineSnapshot"


def notes(values: dict[str, Any], *flags: str, namespace: str = NAMESPACE) -> str:
    """`helm template` keeps them to itself, unless a template asks."""
    objects = rendered({**values, "extraObjects": [NOTES]}, *flags, namespace=namespace)
    (found,) = [each["text"] for each in objects if each["kind"] == "Notes"]
    return str(found)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "installed in full mode, profile strict; when nobody answers, requests are refused"),
        ({"mode": "guard"}, "installed in guard mode, profile guard"),
        ({"policy": {"profile": "gitops"}}, "profile gitops"),
        ({"webhook": {"failurePolicy": "Ignore"}}, "requests are let through unjudged (failurePolicy: Ignore)"),
        ({}, "helm test snapgate --namespace snapgate-system"),
        ({"test": {"namespace": "machines"}}, "kubectl create --dry-run=server --namespace machines"),
        ({}, "stay when the release is uninstalled"),
        ({"mode": "guard"}, "WARNING: the platform's CRDs are not in this cluster"),
        ({"webhook": {"replicaCount": 1}}, "WARNING: with one replica"),
    ],
)
def test_notes_say(values: dict[str, Any], said: str) -> None:
    assert said in notes(values)


@pytest.mark.parametrize(
    ("values", "not_said"),
    [
        ({}, "WARNING"),
        ({"crds": {"keep": False}}, "stay when the release is uninstalled"),
        ({"crds": {"enabled": False}}, "stay when the release is uninstalled"),
        ({"mode": "guard"}, "stay when the release is uninstalled"),
    ],
)
def test_notes_do_not_say(values: dict[str, Any], not_said: str) -> None:
    assert not_said not in notes(values)


def test_notes_in_guard_mode_warn_of_nothing_where_the_crds_are() -> None:
    assert "WARNING" not in notes({"mode": "guard"}, CRDS)


def test_notes_warn_of_a_namespace_that_is_not_looked_at() -> None:
    assert 'and that is "default"' in notes({}, namespace="default")
