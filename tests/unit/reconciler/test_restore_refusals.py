"""What can be refused is refused before the machine stops, and leaves no trace."""

from __future__ import annotations

import pytest

from tests.support import dependency_manifests, manifests, saved_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.restores import captured, is_as_before, machine, operation, plug, volumes
from tests.support.told import condition_of
from webhook.api.secret import SECRET
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.kube.errors import ForbiddenError, InvalidError

NO = InvalidError(422, "Invalid", "the platform says no")
QUOTA = ForbiddenError(403, "Forbidden", "exceeded quota: disks")
ADDRESS = "10.66.10.5"


def told(cluster: SimulatedCluster, name: str = "restore") -> tuple[str, str]:
    status = operation(cluster, name)["status"]
    return status["phase"], condition_of(status, "Completed")["message"]


async def with_address(cluster: SimulatedCluster) -> None:
    """The snapshot has an address; its object is gone since."""
    cluster.store.create(VIRTUAL_MACHINE_IP_ADDRESS, dependency_manifests.ip_address("ip", of="vm", address=ADDRESS))
    await captured(cluster, address="ip")
    cluster.store.delete(VIRTUAL_MACHINE_IP_ADDRESS, "ip")
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"status": {"virtualMachineIPAddressName": None}})
    await cluster.settle()


async def refused(cluster: SimulatedCluster) -> str:
    """Restore in vain, with nothing to show for it. What the machine's author reads."""
    before = machine(cluster)
    cluster.restore()
    await cluster.settle()
    phase, message = told(cluster)
    assert phase == "Failed"
    assert machine(cluster) == before
    assert is_as_before(cluster)
    assert volumes(cluster) == {("Bound", "Delete")}
    assert operation(cluster)["metadata"].get("finalizers", []) == []
    return message


@pytest.mark.parametrize("call", ["overwrite VirtualMachine", "create VirtualDisk"])
async def test_what_a_webhook_refuses_is_heard_before_the_machine_stops(cluster: SimulatedCluster, call: str) -> None:
    await captured(cluster)
    cluster.refusals.always[call] = NO
    assert "the platform says no" in await refused(cluster)


async def test_a_secret_that_no_watch_shows_is_named(cluster: SimulatedCluster) -> None:
    """Whoever waited for it to appear would wait for ever."""
    cluster.store.create(SECRET, saved_manifests.provisioning_secret("cloud-init"))
    await captured(cluster, provisioning_secret="cloud-init")
    cluster.store.delete(SECRET, "cloud-init")
    cluster.store.create(SECRET, saved_manifests.provisioning_secret("cloud-init") | {"type": "helm.sh/release.v1"})
    assert await refused(cluster) == (
        "Secret cloud-init is of type helm.sh/release.v1; remove it if nobody needs it [SecretContentDiffers]"
    )


async def test_all_refusals_are_told_at_once(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.refusals.always["overwrite VirtualMachine"] = NO
    cluster.refusals.always["create VirtualDisk"] = InvalidError(422, "Invalid", "disks need a label")
    message = await refused(cluster)
    assert "the platform says no" in message
    assert "disks need a label" in message


async def test_a_quota_that_the_old_disks_fill_refuses_nothing(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.refusals.always["create VirtualDisk"] = QUOTA
    cluster.restore()
    await cluster.settle_until("delete VirtualDisk")
    cluster.refusals.always.clear()
    await cluster.settle()
    assert told(cluster)[0] == "Completed"


async def test_an_address_that_someone_takes_first_is_named(cluster: SimulatedCluster) -> None:
    await with_address(cluster)
    cluster.machine_side.leased[ADDRESS] = "elsewhere/other"
    message = await refused(cluster)
    assert "10.66.10.5 is leased to elsewhere/other" in message
    assert message.endswith("[AddressUsedByAnotherMachine]")
    assert cluster.store.find(VIRTUAL_MACHINE_IP_ADDRESS, "ip") is None


async def test_an_address_is_there_before_the_machine_stops(cluster: SimulatedCluster) -> None:
    await with_address(cluster)
    cluster.restore()
    await cluster.settle_until("patch VirtualMachine")
    assert cluster.store.get(VIRTUAL_MACHINE_IP_ADDRESS, "ip")["status"]["phase"] == "Bound"
    assert machine(cluster)["status"]["phase"] == "Running"


async def test_attachments_that_go_first_are_not_held_against_the_machine(cluster: SimulatedCluster) -> None:
    """The platform refuses a device twice; ours is unplugged when it comes to writing."""
    await captured(cluster, now="Stopped")
    cluster.guests.detach("vm", "data")
    plug(cluster, "plug", "data")
    cluster.restore()
    await cluster.settle()
    assert told(cluster)[0] == "Completed"


async def test_a_conflict_that_comes_up_while_the_machine_stops_lets_it_run_again(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.restore()
    await cluster.settle_until("patch VirtualMachine/status")
    cluster.store.create(VIRTUAL_MACHINE, manifests.machine("other", disks=["data"], phase="Stopped"))
    cluster.guests.adopt("other")
    await cluster.settle()

    phase, message = told(cluster)
    assert (phase, message.endswith("[DiskUsedByAnotherMachine]")) == ("Failed", True)
    assert is_as_before(cluster)
    assert machine(cluster)["status"]["phase"] == "Running"
    restored = condition_of(machine(cluster)["status"], "Restored")
    assert (restored["status"], restored["reason"]) == ("False", "RestoreUndone")


async def test_a_snapshot_that_is_lost_on_the_way_is_no_reason_to_lose_the_machine(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.restore()
    await cluster.settle_until("patch VirtualMachine/status")
    lose_the_settings(cluster)
    await cluster.settle()
    assert told(cluster)[0] == "Failed"
    assert is_as_before(cluster)
    assert machine(cluster)["status"]["phase"] == "Running"


async def test_of_two_restores_of_one_machine_one_goes_on(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.restore("first")
    cluster.restore("second")
    await cluster.settle()

    told_of = {name: told(cluster, name) for name in ("first", "second")}
    assert sorted(phase for phase, _ in told_of.values()) == ["Completed", "Failed"]
    (lost,) = (message for phase, message in told_of.values() if phase == "Failed")
    assert lost.endswith("[OperationInProgress]")
    assert cluster.undone == 0


async def test_dry_run_writes_nothing_but_its_status(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    calls = len(cluster.faults.calls)
    cluster.restore(mode="DryRun")
    await cluster.settle()
    assert cluster.faults.calls[calls:] == ["patch VirtualMachineOperation/status"]
    assert told(cluster) == ("Completed", "dry run: nothing is in the way, and nothing was done")


async def test_saved_attachment_that_is_refused_after_all_leaves_a_restored_machine(cluster: SimulatedCluster) -> None:
    """The machine has its settings by then: there is no way back, and what is missing is told."""
    await captured(cluster, plugged={"plug": "extra"})
    cluster.store.delete(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug")
    cluster.refusals.not_rehearsed["create VirtualMachineBlockDeviceAttachment"] = NO
    cluster.restore()
    await cluster.settle()

    phase, message = told(cluster)
    assert (phase, message) == ("Failed", "the machine has its saved settings, but the platform says no (422 Invalid)")
    assert machine(cluster)["status"]["phase"] == "Running"
    assert condition_of(machine(cluster)["status"], "Restored")["status"] == "True"
    assert volumes(cluster) == {("Bound", "Delete")}
    assert {each["name"]: each["status"] for each in operation(cluster)["status"]["resources"]} == {
        "root": "Completed",
        "data": "Completed",
        "extra": "Completed",
        "vm": "Completed",
        "plug": "Failed",
    }


def lose_the_settings(cluster: SimulatedCluster) -> None:
    for secret in cluster.store.all(SECRET):
        cluster.store.delete(SECRET, secret["metadata"]["name"])
