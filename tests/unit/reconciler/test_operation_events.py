"""What people read of an operation in `kubectl describe`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tests.support import dependency_manifests
from tests.support.cluster import Event, SimulatedCluster
from tests.support.manifests import Json
from tests.support.restores import captured, machine
from webhook.api.namespace import NAMESPACE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.vocabulary import RESTORED_BY
from webhook.findings.code import Profile
from webhook.findings.policy import Policy

PENDING: Final = "VirtualMachineOperationPending"
SUFFIX: Final[Json] = {"customization": {"nameSuffix": "-copy"}}


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


def told_when_deleted(cluster: SimulatedCluster) -> str:
    return told_of(cluster, "restore")["VirtualMachineOperationTerminating"]


async def begun(cluster: SimulatedCluster, call: str) -> None:
    """A restore that has made this call."""
    await captured(cluster)
    cluster.restore()
    await cluster.settle_until(call)


async def deleted(cluster: SimulatedCluster) -> None:
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "restore")
    await cluster.settle()


async def test_being_taken_back_is_told(cluster: SimulatedCluster) -> None:
    await begun(cluster, "patch VirtualMachine/status")
    await deleted(cluster)
    assert told_when_deleted(cluster) == "deleted before it was done: what it did is taken back"


async def test_what_goes_on_to_its_end_is_not_called_taken_back(cluster: SimulatedCluster) -> None:
    await begun(cluster, "create VirtualDisk")
    end = cluster.moment + timedelta(seconds=300)
    while RESTORED_BY not in machine(cluster)["metadata"].get("annotations", {}):
        assert await cluster.step(end)
    await deleted(cluster)
    assert told_when_deleted(cluster) == (
        "deleted before it was done: it is too late to take back what it did, which is brought to its end"
    )


async def test_a_namespace_that_goes_has_nothing_taken_back(cluster: SimulatedCluster) -> None:
    await begun(cluster, "delete VirtualDisk")
    going = dependency_manifests.namespace("default", deleting=True)
    going["metadata"]["finalizers"] = ["kubernetes"]
    cluster.store.create(NAMESPACE, going)
    await deleted(cluster)
    assert told_when_deleted(cluster) == "deleted before it was done: its namespace goes with all that it made"
