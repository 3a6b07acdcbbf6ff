"""All metrics that our processes expose, and the rules and panels that use them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from charts.generate import CHART
from webhook.app.policy_keeper import PolicyMetrics
from webhook.app.registry import process_registry
from webhook.inventory.metrics import InventoryMetrics
from webhook.reconciler.metrics import ReconcilerMetrics
from webhook.reconciler.object_metrics import ObjectMetrics
from webhook.service.certificate_metrics import CertificateMetrics
from webhook.service.heartbeat import Heartbeat
from webhook.service.metrics import AdmissionMetrics
from webhook.service.validation_metrics import ValidationMetrics

ALERTS: Final = CHART / "files" / "alerts.yaml"
DASHBOARD: Final = CHART / "files" / "dashboard.json"
_OURS: Final = re.compile(r"\bsnapgate_\w+")
_PARTS_OF_HISTOGRAMS: Final = ("_bucket", "_count", "_sum")


@dataclass(frozen=True, slots=True)
class Query:
    title: str
    """Of the alert or the panel."""
    expression: str


def exposed() -> dict[str, tuple[str, ...]]:
    """Label names by name, as a scrape shows it: counters end in _total."""
    registry: CollectorRegistry = process_registry()
    for metrics in (
        AdmissionMetrics,
        ValidationMetrics,
        CertificateMetrics,
        InventoryMetrics,
        ReconcilerMetrics,
        ObjectMetrics,
        PolicyMetrics,
        Heartbeat,
    ):
        metrics(registry)
    # A metric without children yet shows no labels in a scrape, and prometheus_client has no public way to ask it.
    metrics_of_ours = [each for each in vars(registry)["_collector_to_names"] if isinstance(each, MetricWrapperBase)]
    return {
        f"{family.name}_total" if family.type == "counter" else family.name: vars(metric)["_labelnames"]
        for metric in metrics_of_ours
        for family in metric.describe()
    }


def used_by(expression: str) -> set[str]:
    """Names of ours, those of histograms without the part that is asked for."""
    known = exposed()
    return {
        next((name.removesuffix(end) for end in _PARTS_OF_HISTOGRAMS if name.removesuffix(end) in known), name)
        for name in _OURS.findall(expression)
    }


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alert_queries() -> list[Query]:
    return [Query(rule["alert"], rule["expr"]) for rule in alerts()]


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return read


def panel_queries(*, rate_interval: str) -> list[Query]:
    """As Grafana sends them."""
    return [Query(title, text.replace("$__rate_interval", rate_interval)) for title, text in _targets()]


def _targets() -> Iterator[tuple[str, str]]:
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
