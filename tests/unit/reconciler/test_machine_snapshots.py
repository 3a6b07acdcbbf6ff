from __future__ import annotations

import base64
import json

from tests.support.cluster import SimulatedCluster
from tests.support.told import children, condition_of, machine_status, message, reason, reasons_told
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.vocabulary import MACHINE_SNAPSHOT_PROTECTION
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT_CLASS
from webhook.content.secret import content_digest
from webhook.findings.code import Profile
from webhook.findings.policy import Policy


async def test_events_tell_of_each_transition_in_order(cluster: SimulatedCluster) -> None:
    cluster.storage.copies = False
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    cluster.storage.copies = True
    await cluster.settle()
    told = [each.removeprefix("VirtualMachineSnapshotting") for each in reasons_told(cluster)]
    assert [each for each in told if each != "InProgress"] == ["Started", "Frozen", "Thawed", "Completed"]
    assert {event.type for event in cluster.events} == {"Normal"}


async def test_resources_name_the_machine_and_its_disks_in_full(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    group = "virtualization.deckhouse.io/v1alpha2"
    assert machine_status(cluster)["resources"] == [
        {"apiVersion": group, "kind": "VirtualMachine", "name": "vm"},
        {"apiVersion": group, "kind": "VirtualDisk", "name": "root"},
        {"apiVersion": group, "kind": "VirtualDisk", "name": "data"},
    ]


async def test_secret_holds_the_machine_in_the_platforms_format(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"metadata": {"managedFields": [{"manager": "kubectl"}]}})
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    status, snapshot = machine_status(cluster), cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, "snap")
    secret = cluster.store.get(SECRET, f"d8v-vms-snap-{snapshot['metadata']['uid']}")
    content = {key: base64.b64decode(value) for key, value in secret["data"].items()}
    machine = json.loads(content["vm"])
    assert status["virtualMachineSnapshotSecretName"] == secret["metadata"]["name"]
    assert status["contentDigest"] == content_digest(content)
    assert secret["type"] == SNAPSHOT_SECRET_TYPE
    assert secret["metadata"]["ownerReferences"][0]["uid"] == snapshot["metadata"]["uid"]
    assert (machine["kind"], machine["apiVersion"]) == ("VirtualMachine", "virtualization.deckhouse.io/v1alpha2")
    assert machine["status"]["phase"] == "Running"
    assert "managedFields" not in machine["metadata"]


async def test_children_are_named_and_owned_as_on_the_platform(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    uid = cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, "snap")["metadata"]["uid"]
    names = [f"root-{uid}", f"data-{uid}"]
    assert machine_status(cluster)["virtualDiskSnapshotNames"] == names
    assert {each["metadata"]["name"] for each in children(cluster).values()} == set(names)
    assert children(cluster)["root"]["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "virtualization.deckhouse.io/v1alpha2",
            "kind": "VirtualMachineSnapshot",
            "name": "snap",
            "uid": uid,
        }
    ]


async def test_ready_snapshot_keeps_no_finalizer(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle_until("freeze vm")
    assert cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, "snap")["metadata"]["finalizers"] == [
        MACHINE_SNAPSHOT_PROTECTION
    ]
    await cluster.settle()
    assert cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT, "snap")["metadata"]["finalizers"] == []


async def test_stopped_machine_is_consistent_without_a_freeze(cluster: SimulatedCluster) -> None:
    cluster.machine("vm", phase="Stopped", agent=False)
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    assert machine_status(cluster)["consistent"] is True
    assert cluster.guests["vm"].times_frozen == 0
    assert "freeze" not in machine_status(cluster)


async def test_consistency_that_is_not_required_never_freezes(cluster: SimulatedCluster) -> None:
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm", required_consistency=False)
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Ready"
    assert "consistent" not in machine_status(cluster)
    assert cluster.guests["vm"].times_frozen == 0


async def test_missing_machine_is_waited_for(cluster: SimulatedCluster) -> None:
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=60)
    status = machine_status(cluster)
    assert (status["phase"], reason(status)) == ("Pending", "WaitingForTheVirtualMachine")
    assert message(status).endswith("[MachineNotFound]")
    assert condition_of(status, "VirtualMachineReady")["reason"] == "VirtualMachineNotReadyForSnapshotting"
    cluster.machine("vm")
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Ready"


async def test_no_agent_fails_with_the_code(cluster: SimulatedCluster) -> None:
    cluster.machine("vm", agent=False)
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    status = machine_status(cluster)
    assert (status["phase"], reason(status)) == ("Failed", "PotentiallyInconsistent")
    assert message(status).endswith("[ConsistencyUnavailable]")
    assert condition_of(status, "VirtualMachineReady")["status"] == "True"
    assert [(event.type, event.reason) for event in cluster.events] == [("Warning", "VirtualMachineSnapshottingFailed")]


async def test_disk_that_is_not_ready_gives_the_platforms_reason() -> None:
    cluster = SimulatedCluster(policy=Policy(Profile.GITOPS))
    cluster.machine("vm")
    cluster.store.patch(VIRTUAL_DISK, "data", {"status": {"phase": "Provisioning"}})
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=30)
    assert (machine_status(cluster)["phase"], reason(machine_status(cluster))) == ("Pending", "BlockDevicesNotReady")
    cluster.store.patch(VIRTUAL_DISK, "data", {"status": {"phase": "Ready"}})
    await cluster.settle()
    assert machine_status(cluster)["phase"] == "Ready"


async def test_wait_goes_on_when_a_snapshot_class_appears() -> None:
    cluster = SimulatedCluster(policy=Policy(Profile.GITOPS))
    cluster.store.delete(VOLUME_SNAPSHOT_CLASS, "csi.example.com")
    cluster.machine("vm")
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle(seconds=30)
    assert machine_status(cluster)["phase"] == "Pending"
    cluster.store.create(VOLUME_SNAPSHOT_CLASS, {"metadata": {"name": "late"}, "driver": "csi.example.com"})
    await cluster.settle(seconds=30)
    assert machine_status(cluster)["phase"] == "Ready"
