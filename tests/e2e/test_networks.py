"""Networks of a machine, with the kinds of the platform's module for them, which is installed while Snapgate runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.foreign_kinds import served
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import disk, machine, machine_snapshot
from tests.support.manifests import identified
from tests.support.operations import completed, restore
from tests.support.waiting import until
from webhook.api.network import CLUSTER_NETWORK, NETWORK

NOTICED_SECONDS: Final = 120
"""A kind that was not served is looked for every 30 to 60 s."""


@pytest.fixture
def network_module(lab: RunningLab) -> Iterator[None]:
    """Nobody knows of it any more when the test is over: the networks of other tests' machines exist for nobody."""
    with served(lab.kubectl("default"), NETWORK, CLUSTER_NETWORK):
        yield
    until_all_say(lab, *(f'snapgate_kind_served{{kind="{kind.name}"}} 0.0' for kind in (NETWORK, CLUSTER_NETWORK)))


@pytest.mark.usefixtures("network_module")
def test_a_restore_is_denied_while_a_network_of_the_saved_machine_is_gone(kubectl: Kubectl, lab: RunningLab) -> None:
    lan = identified(NETWORK, {"metadata": {"name": "lan"}})
    wan = identified(CLUSTER_NETWORK, {"metadata": {"name": "wan"}})
    linux_vm = machine("linux-vm", ["root"])
    linux_vm["spec"]["networks"] = [
        {"type": "Main"},
        {"type": "Network", "name": "lan"},
        {"type": "ClusterNetwork", "name": "wan"},
    ]
    kubectl.must_apply(lan, wan, disk("root"), linux_vm)
    kubectl.wait("vm/linux-vm", "condition=AgentReady")
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    kubectl.wait_for_phase("vms/snap", "Ready")
    until_all_say(lab, *(f'snapgate_cache_objects{{kind="{kind.name}"}} 1.0' for kind in (NETWORK, CLUSTER_NETWORK)))
    operation = restore("restore", "linux-vm", "snap")

    kubectl.must("delete", "network,clusternetwork", "--all")
    kubectl.wait("vms/snap", "condition=Restorable=False")
    denied = kubectl.apply(operation).said
    assert "Network lan of the saved machine does not exist" in denied
    assert "ClusterNetwork wan of the saved machine does not exist" in denied
    assert "[NetworkMissing]" in denied

    kubectl.must_apply(lan, wan)
    kubectl.wait("vms/snap", "condition=Restorable=True")
    kubectl.must_apply(operation)
    completed(kubectl, "vmop/restore")


def until_all_say(lab: RunningLab, *wanted: str) -> None:
    until(
        lambda: all(each in told for told in lab.metrics() for each in wanted),
        f"not every pod says {wanted}",
        seconds=NOTICED_SECONDS,
    )
