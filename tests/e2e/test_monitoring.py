"""A real Prometheus reads what runs: every panel of the dashboard shows something, every alert has what it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.snapgate.installation import NAMESPACE
from lab.toolchain import ensure_prometheus
from tests.support.copies import clone, documented, rule
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import machine_snapshot, machine_without_agent, running_machine
from tests.support.manifests import identified
from tests.support.metrics import alert_queries, alerts, panel_queries
from tests.support.prometheus import SCRAPE_SECONDS, Prometheus, running_prometheus
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION

WEBHOOK = "deployment/snapgate-webhook"
NOT_ANSWERED = ("SnapgateCannotBeCalled", "SnapgateRespellingIsSkipped")
DOCUMENTED = identified(
    VIRTUAL_MACHINE_OPERATION,
    clone("copy", mode="DryRun", nameReplacements=documented([rule("root", "root-2", kind="VirtualDisk")])),
)


@pytest.fixture
def prometheus(lab: RunningLab, tmp_path: Path) -> Iterator[Prometheus]:
    program = ensure_prometheus(print) / "prometheus"
    with running_prometheus(lab, program, tmp_path) as running:
        yield running


def test_every_panel_shows_something_and_every_alert_has_what_it_looks_at(
    kubectl: Kubectl, lab: RunningLab, prometheus: Prometheus
) -> None:
    everyday_life(kubectl)
    system = lab.kubectl(NAMESPACE)
    replicas = system.get("deployment", "snapgate-webhook")["spec"]["replicas"]
    system.must("scale", WEBHOOK, "--replicas=0")
    try:
        nobody_answers(kubectl, prometheus)
    finally:
        system.must("scale", WEBHOOK, f"--replicas={replicas}")
        system.must("rollout", "status", WEBHOOK, "--timeout=120s")
    prometheus.follow_pods()

    read_again = f"count(snapgate_admission_in_flight) == {replicas}"
    panels = [each.expression for each in panel_queries(rate_interval=f"{60 * SCRAPE_SECONDS}s")]
    prometheus.until_nothing_is_missing(lambda: prometheus.without_result([read_again, *panels]))
    looked_at = prometheus.inputs_of(each.expression for each in alert_queries())
    assert len(looked_at) >= len(alert_queries())
    prometheus.until_nothing_is_missing(lambda: prometheus.without_result(looked_at))

    rules = prometheus.rules()
    assert {name: each["health"] for name, each in rules.items()} == {each["alert"]: "ok" for each in alerts()}
    # Evaluated every two seconds: that nobody was there is still said a moment after somebody is.
    prometheus.until_nothing_is_missing(lambda: sorted(critical(prometheus) - set(NOT_ANSWERED)))


def critical(prometheus: Prometheus) -> set[str]:
    """Alerts of that severity that fire, or are about to."""
    rules = prometheus.rules().items()
    return {name for name, each in rules if each["labels"]["severity"] == "critical" and each["state"] != "inactive"}


def everyday_life(kubectl: Kubectl) -> None:
    """A snapshot that is taken, one that is denied, and one of a machine that is gone."""
    running_machine(kubectl, "linux-vm", ("root",))
    running_machine(kubectl, "old-vm", ("old-root",))
    machine_without_agent(kubectl, "bare-vm", ("bare-root",))
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"), machine_snapshot("old", "old-vm"))
    assert "[ConsistencyUnavailable]" in kubectl.apply(machine_snapshot("impossible", "bare-vm")).said
    for name in ("snap", "old"):
        kubectl.wait(f"vms/{name}", "condition=Restorable")
    kubectl.must("delete", "vm", "old-vm")
    kubectl.wait("vms/old", "condition=Restorable=False")


def nobody_answers(kubectl: Kubectl, prometheus: Prometheus) -> None:
    """Asked again and again: the first refusal makes a series, and only the next one is a rise of it. By dry run: the
    pods answer for a while yet, and what was created then could not be created again.

    What is not respelled is refused by its schema, so another request is refused because nobody judges it.
    """
    expressions = [each.expression for each in alert_queries() if each.title in NOT_ANSWERED]
    answers: list[str] = []

    def not_noticed() -> list[str]:
        asked = (DOCUMENTED, machine_snapshot("unjudged", "linux-vm"))
        answers[:] = [kubectl.apply(each, flags=("--dry-run=server",)).said for each in asked]
        missing = prometheus.without_result(expressions)
        return [*missing, *answers] if missing else []

    prometheus.until_nothing_is_missing(not_noticed)
    assert 'failed calling webhook "validate.snapgate.io"' in answers[-1]
