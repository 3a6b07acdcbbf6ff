"""The lab's node: what the chart's pods rely on, shown with a pod that is not ours."""

from __future__ import annotations

import json
import time

from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab
from tests.support.waiting import until
from tests.support.workloads import settings, web


def ready_addresses(kubectl: Kubectl, service: str) -> set[str]:
    slices = json.loads(
        kubectl.must("get", "endpointslices", f"--selector=kubernetes.io/service-name={service}", "-o", "json")
    )
    return {
        address
        for each in slices["items"]
        for endpoint in each["endpoints"] or []
        if endpoint["conditions"]["ready"]
        for address in endpoint["addresses"]
    }


def until_ready_addresses(kubectl: Kubectl, service: str, wanted: set[str]) -> None:
    """A controller of its own follows what the pods say of themselves."""
    until(
        lambda: ready_addresses(kubectl, service) == wanted,
        lambda: f"ready are {ready_addresses(kubectl, service)}, not {wanted}",
        seconds=60,
        every=0.2,
    )


def pods(kubectl: Kubectl) -> list[Json]:
    found: list[Json] = json.loads(kubectl.must("get", "pods", "-o", "json"))["items"]
    return found


def rolled_out(kubectl: Kubectl, name: str) -> None:
    kubectl.must("rollout", "status", f"deployment/{name}", "--timeout=100s")


def until_it_says(kubectl: Kubectl, service: str, text: str) -> None:
    """Through the API server, which calls a ready endpoint, once it knows of one."""
    path = f"/api/v1/namespaces/{kubectl.namespace}/services/http:{service}:80/proxy/"
    until(
        lambda: kubectl.run("get", "--raw", path).output == text,
        lambda: f"{service} does not say {text!r}: {kubectl.run('get', '--raw', path)}",
        seconds=60,
        every=0.2,
    )


def test_each_pod_has_an_address_of_its_own_behind_its_service(kubectl: Kubectl) -> None:
    kubectl.must_apply(*web("web", replicas=2))
    rolled_out(kubectl, "web")

    addresses = {pod["status"]["podIP"] for pod in pods(kubectl)}
    assert len(addresses) == 2
    until_ready_addresses(kubectl, "web", addresses)
    until_it_says(kubectl, "web", "hello")


def test_a_changed_config_map_reaches_a_running_pod_and_readiness_follows(kubectl: Kubectl) -> None:
    kubectl.must_apply(*web("web"))
    rolled_out(kubectl, "web")
    (before,) = pods(kubectl)

    kubectl.must("patch", "configmap", "web", "--type=merge", "-p", json.dumps({"data": settings("not ready")}))
    kubectl.wait(f"pod/{before['metadata']['name']}", "condition=Ready=false")
    until_ready_addresses(kubectl, "web", set())

    kubectl.must("patch", "configmap", "web", "--type=merge", "-p", json.dumps({"data": settings("again")}))
    kubectl.wait(f"pod/{before['metadata']['name']}", "condition=Ready")
    until_it_says(kubectl, "web", "again")
    assert pods(kubectl)[0]["status"]["containerStatuses"][0]["restartCount"] == 0


def test_a_crashed_container_is_started_again_in_its_pod(kubectl: Kubectl, lab: RunningLab) -> None:
    kubectl.must_apply(*web("web"))
    rolled_out(kubectl, "web")
    (before,) = pods(kubectl)
    name = before["metadata"]["name"]

    lab.kill_pod(kubectl.namespace, name)

    kubectl.wait(f"pod/{name}", "jsonpath={.status.containerStatuses[0].restartCount}=1")
    kubectl.wait(f"pod/{name}", "condition=Ready")
    (after,) = pods(kubectl)
    assert after["status"]["podIP"] == before["status"]["podIP"]
    assert after["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137


def test_a_pod_has_its_grace_period_and_no_longer(kubectl: Kubectl, lab: RunningLab) -> None:
    kubectl.must_apply(*web("patient", stopping_seconds=2), *web("stubborn", stopping_seconds=60))
    rolled_out(kubectl, "patient")
    rolled_out(kubectl, "stubborn")
    names = {pod["metadata"]["labels"]["app"]: pod["metadata"]["name"] for pod in pods(kubectl)}

    started = time.monotonic()
    kubectl.must("delete", "pod", names["patient"], "--grace-period=30")
    took = time.monotonic() - started
    assert 2 <= took < 25
    started = time.monotonic()
    kubectl.must("delete", "pod", names["stubborn"], "--grace-period=3")
    assert 3 <= time.monotonic() - started < 25
    assert "asked to stop" in lab.pod_log(kubectl.namespace, names["stubborn"])


def test_a_pod_that_ends_leaves_its_service_before_it_stops(kubectl: Kubectl) -> None:
    kubectl.must_apply(*web("web", stopping_seconds=100, terminationGracePeriodSeconds=100))
    rolled_out(kubectl, "web")
    (before,) = pods(kubectl)
    name, address = before["metadata"]["name"], before["status"]["podIP"]

    kubectl.must("delete", "pod", name, "--wait=false")

    def another_is_in_its_place() -> bool:
        ready = ready_addresses(kubectl, "web")
        return bool(ready) and address not in ready

    until(another_is_in_its_place, "the service stays with the pod that ends", seconds=60, every=0.2)
    assert name in {pod["metadata"]["name"] for pod in pods(kubectl)}, "it stopped at once"
    kubectl.must("delete", "pod", name, "--grace-period=1")


def test_what_the_node_cannot_do_is_said_on_the_pod_and_in_an_event(kubectl: Kubectl) -> None:
    kubectl.must_apply(*web("web", shareProcessNamespace=True))
    kubectl.must("wait", "pod", "--selector=app=web", "--for=create", "--timeout=60s")
    (pod,) = pods(kubectl)
    waiting = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=LabDoesNotSupport"
    kubectl.wait(f"pod/{pod['metadata']['name']}", waiting)

    (pod,) = pods(kubectl)
    assert pod["status"]["phase"] == "Pending"
    assert "shareProcessNamespace" in pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"]
    kubectl.events_of(pod["metadata"]["name"], last="LabDoesNotSupport")
