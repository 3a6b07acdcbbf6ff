"""Alerts, their runbooks, the dashboard, and that they speak of metrics there are."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab.errors import LabError
from lab.paths import CHECKOUT
from lab.toolchain import built_tool
from tests.support.chart import named, of_kind, rendered
from tests.support.metrics import ALERTS, Query, alert_queries, alerts, dashboard, exposed, panel_queries, used_by

RUNBOOKS = CHECKOUT / "docs" / "runbooks"
RULES_ON = {"monitoring": {"prometheusRule": {"enabled": True}}}
QUERIES = pytest.mark.parametrize(
    "query", [*alert_queries(), *panel_queries(rate_interval="1m")], ids=lambda query: query.title
)
API_SERVER = re.compile(r"\bapiserver_\w+")


@pytest.fixture
def promtool() -> Path:
    try:
        found = built_tool("promtool")
    except LabError as error:
        pytest.skip(str(error))
    if found is None:
        pytest.skip("promtool is not built yet: make prometheus")
    return found


def rules_of(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    groups = named(objects, "PrometheusRule", "snapgate")["spec"]["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


@QUERIES
def test_a_query_is_about_metrics_that_are_exposed(query: Query) -> None:
    assert used_by(query.expression) <= exposed().keys()
    assert used_by(query.expression) or API_SERVER.search(query.expression)


def test_every_metric_is_in_the_table_of_the_operations_page_once_with_its_labels() -> None:
    page = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("\n## What to watch\n")[2].partition("\n\nEach review")[0]
    documented = [
        (name, tuple(labels.split(",")) if labels else ())
        for name, labels in re.findall(r"`(snapgate_\w+)(?:\{([^`]*)\})?`", table)
    ]
    assert sorted(documented) == sorted(exposed().items())


def test_every_alert_has_a_runbook_page_and_every_page_an_alert() -> None:
    assert {rule["alert"] for rule in alerts()} == {page.stem for page in RUNBOOKS.glob("*.md")}


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: str(page.stem))
def test_a_runbook_page_says_what_it_means_how_to_see_and_what_to_do(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^#+ .*", text, flags=re.MULTILINE) == [f"# {page.stem}", "## See", "## Do"]
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_how_bad_it_is_and_what_follows(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"].keys() == {"summary", "description"}


def test_the_chart_renders_every_alert_with_the_address_of_its_page() -> None:
    values = {"monitoring": {"prometheusRule": {"enabled": True, "runbooks": "https://example.com/runbooks/"}}}
    found = rules_of(rendered(values))
    assert found.keys() == {rule["alert"] for rule in alerts()}
    for rule in alerts():
        page = f"https://example.com/runbooks/{rule['alert']}.md"
        assert found[rule["alert"]] == {**rule, "annotations": {**rule["annotations"], "runbook_url": page}}


def test_guard_mode_has_no_alerts_about_a_reconciler() -> None:
    found = rules_of(rendered({"mode": "guard", **RULES_ON}))
    assert found
    assert "SnapgateNobodyActs" not in found


def test_an_alert_can_be_left_out() -> None:
    values = {"monitoring": {"prometheusRule": {"enabled": True, "disabled": ["SnapgateOperationFailed"]}}}
    assert "SnapgateOperationFailed" not in rules_of(rendered(values))


def test_alerts_are_rendered_by_themselves_where_the_cluster_knows_them() -> None:
    flag = "--api-versions=monitoring.coreos.com/v1/PrometheusRule"
    assert "PrometheusRule" not in {each["kind"] for each in rendered()}
    assert of_kind(rendered(None, flag), "PrometheusRule").keys() == {"snapgate"}


def test_the_dashboard_comes_as_it_is() -> None:
    found = named(rendered({"monitoring": {"dashboard": {"enabled": True}}}), "ConfigMap", "snapgate-dashboard")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert found["data"]["snapgate.json"].strip() == (ALERTS.parent / "dashboard.json").read_text().strip()


def test_no_panel_of_the_dashboard_covers_another() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_promtool_finds_nothing_wrong_with_the_alerts(promtool: Path) -> None:
    done = subprocess.run(
        [promtool, "check", "rules", "--lint=all", "--lint-fatal", ALERTS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_fire_when_they_should_and_only_then(promtool: Path) -> None:
    """The series and what they should lead to are in rules/alerts.yaml, in promtool's own form."""
    rules = Path(__file__).parent / "rules" / "alerts.yaml"
    done = subprocess.run([promtool, "test", "rules", rules], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
