"""A real Prometheus reads what runs: every panel of the dashboard shows something, every alert has what it looks at."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
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
REFUSED = ("SnapgateCannotBeCalled", "SnapgateRespellingIsSkipped")
SKIPPED = ("SnapgateCheckIsSkipped",)
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
        refused = nobody_answers(kubectl, prometheus, REFUSED)
        assert 'failed calling webhook "validate.snapgate.io"' in refused
        set_failure_policy(system, "Ignore")
        assert "created (server dry run)" in nobody_answers(kubectl, prometheus, SKIPPED)
    finally:
        set_failure_policy(system, "Fail")
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
    prometheus.until_nothing_is_missing(lambda: sorted(critical(prometheus) - {*REFUSED, *SKIPPED}))


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


def set_failure_policy(kubectl: Kubectl, policy: str) -> None:
    """Of both validating webhooks, as docs/runbooks/SnapgateCannotBeCalled.md does it."""
    patch = [{"op": "replace", "path": f"/webhooks/{index}/failurePolicy", "value": policy} for index in (0, 1)]
    kubectl.must("patch", "validatingwebhookconfiguration", "snapgate", "--type=json", f"--patch={json.dumps(patch)}")


def nobody_answers(kubectl: Kubectl, prometheus: Prometheus, expected: Collection[str]) -> str:
    """What the last snapshot was told when all of these alerts had seen it.

    Asked again and again: the first refusal makes a series, and only the next one is a rise of it. By dry run: the
    pods answer for a while yet, and what was created then could not be created again.

    What is not respelled is refused by its schema, so another request is refused because nobody judges it.
    """
    expressions = [each.expression for each in alert_queries() if each.title in expected]
    assert len(expressions) == len(expected)
    answers: list[str] = []

    def not_noticed() -> list[str]:
        asked = (DOCUMENTED, machine_snapshot("unjudged", "linux-vm"))
        told = [kubectl.apply(each, flags=("--dry-run=server",)) for each in asked]
        answers[:] = [each.said or each.output for each in told]
        missing = prometheus.without_result(expressions)
        return [*missing, *answers] if missing else []

    prometheus.until_nothing_is_missing(not_noticed)
    return answers[-1]
