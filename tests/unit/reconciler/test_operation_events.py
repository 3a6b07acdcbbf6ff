"""What people read of an operation in `kubectl describe`."""

from __future__ import annotations

from tests.support.cluster import Event, SimulatedCluster
from tests.support.restores import captured
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.findings.code import Profile
from webhook.findings.policy import Policy

PENDING = "VirtualMachineOperationPending"
SUFFIX = {"customization": {"nameSuffix": "-copy"}}


def told_of(cluster: SimulatedCluster, name: str) -> dict[str, str]:
    """The last message by the reason."""
    return {each.reason: each.message for each in cluster.events if each.name == name}


def pending(cluster: SimulatedCluster) -> list[Event]:
    return [each for each in cluster.events if each.reason == PENDING]


async def test_a_restore_tells_what_it_did_and_why_the_machine_is_off(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.restore()
    await cluster.settle()
    assert told_of(cluster, "restore") == {
        "VirtualMachineOperationStarted": "Restore has begun",
        "MaintenanceMode": "the machine is kept off until it is restored, or all is as before",
        "VirtualMachineOperationSucceeded": "VirtualMachine vm is as saved in VirtualMachineSnapshot snap",
    }


async def test_a_clone_tells_what_it_made(cluster: SimulatedCluster) -> None:
    await captured(cluster, now="Stopped")
    cluster.clone(**SUFFIX)
    await cluster.settle()
    told = told_of(cluster, "clone")["VirtualMachineOperationSucceeded"]
    assert told == "VirtualMachine vm-copy was made from VirtualMachine vm"


async def test_a_copy_tells_what_it_made(cluster: SimulatedCluster) -> None:
    await captured(cluster, now="Stopped")
    cluster.copy_snapshot(**SUFFIX)
    await cluster.settle()
    told = told_of(cluster, "copy")["VirtualMachineOperationSucceeded"]
    assert told == "VirtualMachine vm-copy was made from VirtualMachineSnapshot snap"


async def test_waiting_is_told_once_and_not_with_every_look() -> None:
    cluster = SimulatedCluster(policy=Policy(Profile.GITOPS))
    cluster.machine("vm")
    cluster.restore()
    await cluster.settle(seconds=120)
    (event,) = pending(cluster)
    assert "[SnapshotNotFound]" in event.message


async def test_being_taken_back_is_told(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.restore()
    await cluster.settle_until("patch VirtualMachine/status")
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle()
    told = told_of(cluster, "restore")["VirtualMachineOperationTerminating"]
    assert told == "deleted before it was done: what it did is taken back"
