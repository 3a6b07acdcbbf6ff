"""The API server goes away and comes back. Nobody restarts Snapgate."""

from __future__ import annotations

from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import TAKEN_UP, machine_snapshot, machine_without_agent, running_machine


def test_decisions_and_snapshots_go_on_after_the_api_server_was_killed(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root",))
    machine_without_agent(kubectl, "old-vm", ("old-root",))

    lab.kill("kube-apiserver")
    lab.until_answering()

    answer = kubectl.apply(machine_snapshot("impossible", "old-vm"))
    assert "[ConsistencyUnavailable]" in answer.said
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready", seconds=150)
    assert kubectl.get("vms", "snap")["status"]["consistent"] is True


def test_a_snapshot_that_was_under_way_is_finished_after_the_outage(kubectl: Kubectl, lab: RunningLab) -> None:
    running_machine(kubectl, "linux-vm", ("root", "data"))
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait("vms/snap", TAKEN_UP)

    lab.kill("kube-apiserver")
    lab.until_answering()

    kubectl.wait_for_phase("vms/snap", "Ready", seconds=150)
    assert kubectl.get("vms", "snap")["status"]["consistent"] is True
    assert lab.guest_log(kubectl.namespace)[-1].event != "frozen"
