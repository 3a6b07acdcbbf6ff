"""No request is refused for want of a webhook, whatever is done to it: `failurePolicy: Fail`, under a steady load."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import pytest

from certs.authority import new_authority
from lab.snapgate.installation import NAMESPACE
from tests.e2e.conftest import LOAD_REPORT
from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab
from tests.support.load import Report
from tests.support.waiting import until

WEBHOOK: Final = "deployment/snapgate-webhook"
PODS: Final = "--selector=app.kubernetes.io/component=webhook"
SETTLING_CALLS: Final = 200
"""Before and after what is done, so that its effects are seen."""
ENOUGH: Final = 10_000
RESTARTS: Final = "jsonpath={.status.containerStatuses[0].restartCount}"
WATCH_DELAY: Final = timedelta(seconds=1.0)
"""Until the API server has seen an EndpointSlice that it has stored."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What an administrator has."""

    lab: RunningLab
    kubectl: Kubectl

    def rolled_out(self) -> None:
        self.kubectl.must("rollout", "status", WEBHOOK, "--timeout=120s")

    def pods(self) -> list[Json]:
        """That are not on their way out, as those may be that an earlier test has left."""
        found: list[Json] = json.loads(self.kubectl.must("get", "pods", PODS, "-o", "json"))["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def until_gone(self, pods: list[Json]) -> None:
        for pod in pods:
            self.kubectl.wait(f"pod/{pod['metadata']['name']}", "delete", seconds=90)

    def until_ready(self, count: int) -> None:
        self.kubectl.wait(WEBHOOK, f"jsonpath={{.status.readyReplicas}}={count}", seconds=90)


def restarts(pod: Json) -> int:
    count: int = pod["status"]["containerStatuses"][0]["restartCount"]
    return count


def rolling_update(hands: Hands) -> None:
    before = hands.pods()
    hands.kubectl.must("rollout", "restart", WEBHOOK)
    hands.rolled_out()
    hands.until_gone(before)


def scaling(hands: Hands) -> None:
    for replicas in (3, 1, 2):
        hands.kubectl.must("scale", WEBHOOK, f"--replicas={replicas}")
        hands.until_ready(replicas)
        time.sleep(1)
    hands.rolled_out()


def deletion_of_a_pod(hands: Hands) -> None:
    pod = hands.pods()[0]
    hands.kubectl.must("delete", "pod", pod["metadata"]["name"])
    hands.until_ready(2)


def eviction_of_all_pods(hands: Hands) -> None:
    """As a drained node does it: within the disruption budget, again and again until all have gone."""
    for pod in hands.pods():
        name = pod["metadata"]["name"]
        until(partial(_evicted, hands, name), f"pod {name} is never let go", seconds=90, every=0.5)
    hands.rolled_out()
    hands.until_ready(2)


def _evicted(hands: Hands, pod: str) -> bool:
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": NAMESPACE}}
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/eviction"
    return hands.kubectl.run("create", "--raw", path, "-f", "-", given=json.dumps(eviction)).ok


def upgrade_and_rollback(hands: Hands) -> None:
    release = hands.lab.release()
    release.upgrade("webhook.logLevel=warning")
    hands.rolled_out()
    release.rollback()
    hands.rolled_out()


def authority_that_is_due(hands: Hands) -> None:
    """Another authority is put in place, which is so old that it has to be renewed at once."""
    old = new_authority("somebody else's", datetime.now(UTC) - timedelta(days=300)).to_data()
    data = {name: base64.b64encode(content).decode() for name, content in old.items()}
    before = _bundle(hands)
    patch = json.dumps({"data": data})
    hands.kubectl.must("patch", "secret", "snapgate-webhook-authority", "--type=merge", "-p", patch)
    until(lambda: _bundle(hands) != before, "the API server is never told of the new authority", seconds=120)
    time.sleep(20)  # replicas serve leaves of it ten seconds after they told the API server


def _bundle(hands: Hands) -> str:
    configuration = hands.kubectl.get("validatingwebhookconfiguration", "snapgate")
    bundle: str = configuration["webhooks"][0]["clientConfig"].get("caBundle", "")
    return bundle


def _left_endpoints(hands: Hands, address: str, since: datetime) -> datetime:
    """When an EndpointSlice was first written in which this address is not ready."""
    for record in hands.lab.audit(NAMESPACE):
        written = record.get("requestObject")
        if record["objectRef"]["resource"] != "endpointslices" or record["verb"] != "update" or not written:
            continue
        moment = datetime.fromisoformat(record["stageTimestamp"])
        ready = {
            each
            for endpoint in written["endpoints"] or ()
            if endpoint["conditions"]["ready"]
            for each in endpoint["addresses"]
        }
        if moment > since and address not in ready:
            return moment
    raise AssertionError(f"{address} never left its EndpointSlice")


LOSSLESS: Final[dict[str, Callable[[Hands], None]]] = {
    each.__name__.replace("_", " "): each
    for each in (
        rolling_update,
        scaling,
        deletion_of_a_pod,
        eviction_of_all_pods,
        upgrade_and_rollback,
        authority_that_is_due,
    )
}


@pytest.fixture
def hands(lab: RunningLab) -> Hands:
    return Hands(lab, lab.kubectl(NAMESPACE))


@pytest.fixture(scope="module")
def total() -> Iterator[dict[str, Report]]:
    """What was measured is kept with the run."""
    reports: dict[str, Report] = {}
    yield reports
    lines = [f"{name}: {report}" for name, report in reports.items()]
    calls = sum(len(report.calls) for report in reports.values())
    failed = sum(len(report.failures) for report in reports.values())
    LOAD_REPORT.parent.mkdir(parents=True, exist_ok=True)
    LOAD_REPORT.write_text("\n".join((*lines, f"all: {calls} calls, {failed} failed")) + "\n")


@pytest.mark.parametrize("name", LOSSLESS)
def test_no_call_is_lost(name: str, hands: Hands, kubectl: Kubectl, total: dict[str, Report]) -> None:
    with hands.lab.load(kubectl.namespace) as load:
        load.until(SETTLING_CALLS)
        LOSSLESS[name](hands)
        load.until(SETTLING_CALLS)
    total[name] = load.report
    assert [call.error for call in load.report.failures] == []


def test_no_call_is_lost_of_as_many_as_mean_something(hands: Hands, kubectl: Kubectl, total: dict[str, Report]) -> None:
    """What the others did not get to is called here, while nothing is done."""
    missing = ENOUGH - sum(len(report.calls) for report in total.values())
    if missing > 0:
        with hands.lab.load(kubectl.namespace) as load:
            load.until(missing)
        total["nothing done"] = load.report
    assert [call.error for report in total.values() for call in report.failures] == []


def test_a_killed_webhook_loses_only_what_it_had_and_what_came_before_its_endpoint_left(
    hands: Hands, kubectl: Kubectl, total: dict[str, Report]
) -> None:
    victim = hands.pods()[0]
    with hands.lab.load(kubectl.namespace) as load:
        load.until(SETTLING_CALLS)
        killed = datetime.now(UTC)
        hands.lab.kill_pod(NAMESPACE, victim["metadata"]["name"])
        hands.kubectl.wait(f"pod/{victim['metadata']['name']}", f"{RESTARTS}={restarts(victim) + 1}", seconds=90)
        hands.kubectl.wait(f"pod/{victim['metadata']['name']}", "condition=Ready", seconds=90)
        hands.until_ready(2)
        load.until(SETTLING_CALLS)

    gone = _left_endpoints(hands, victim["status"]["podIP"], since=killed)
    total[f"killed pod, whose endpoint left after {(gone - killed).total_seconds():.2f} s"] = load.report
    assert [call.error for call in load.report.failures if call.began < killed and call.ended < killed] == []
    assert [call.error for call in load.report.failures if call.began > gone + WATCH_DELAY] == []
