"""What the chart grants is what the plain manifests grant, on which the end-to-end tests run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

CHECKOUT: Final = Path(__file__).parents[3]
ONLY_IN_THE_CHART: Final = {
    "apiGroups": ["admissionregistration.k8s.io"],
    "resources": ["validatingwebhookconfigurations"],
    "resourceNames": ["virtualization-controller-admission-webhook"],
    "verbs": ["get"],
}


def cluster_rules(text: str) -> list[dict[str, Any]]:
    """Of the first document, a ClusterRole; its rules hold no template."""
    first = text.split("\n---", 1)[0]
    rules: list[dict[str, Any]] = yaml.safe_load(first[first.index("rules:") :])["rules"]
    return rules


def test_the_reconciler_may_do_the_same_however_it_is_installed() -> None:
    plain = cluster_rules((CHECKOUT / "deploy/reconciler-rbac.yaml").read_text())
    chart = cluster_rules((CHECKOUT / "charts/snapgate/templates/reconciler-rbac.yaml").read_text())
    granted = {(group, resource, verb) for rule in plain for group, resource, verb in _each(rule)}
    granted_by_chart = {
        (group, resource, verb) for rule in chart if rule != ONLY_IN_THE_CHART for group, resource, verb in _each(rule)
    }
    assert granted_by_chart == granted


def _each(rule: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(g, r, v) for g in rule["apiGroups"] for r in rule["resources"] for v in rule["verbs"]]
