"""A machine that is cloned, or made of a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from tests.support import dependency_manifests, saved_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.invariants import violations
from tests.support.manifests import Json
from tests.support.restores import captured, contents, machine, make_storage_wait, operation, volumes
from tests.support.told import condition_of
from webhook.api.kind import Kind
from webhook.api.network import NETWORK
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.vocabulary import MACHINE_UID, OPERATION_SNAPSHOT_NAME
from webhook.findings.code import Profile
from webhook.findings.policy import Policy
from webhook.kube.errors import InvalidError

NO: Final = InvalidError(422, "Invalid", "the platform says no")
SUFFIX: Final = {"customization": {"nameSuffix": "-copy"}}


def clone(cluster: SimulatedCluster, **copy: Any) -> None:
    cluster.clone("op", **{**SUFFIX, **copy})


def copy_snapshot(cluster: SimulatedCluster, **copy: Any) -> None:
    cluster.copy_snapshot("op", **{**SUFFIX, **copy})


BOTH: Final = pytest.mark.parametrize("begin", [clone, copy_snapshot])


def the_operation(cluster: SimulatedCluster) -> Json:
    for kind in (VIRTUAL_MACHINE_OPERATION, VIRTUAL_MACHINE_SNAPSHOT_OPERATION):
        found = cluster.store.find(kind, "op")
        if found is not None:
            return found
    raise AssertionError("no operation")


def told(cluster: SimulatedCluster) -> tuple[str, str]:
    status = the_operation(cluster)["status"]
    return status["phase"], condition_of(status, "Completed")["message"]


async def completed(cluster: SimulatedCluster, begin: Callable[..., None], **copy: Any) -> None:
    begin(cluster, **copy)
    await cluster.settle()
    assert told(cluster)[0] == "Completed", the_operation(cluster)["status"]


async def off(cluster: SimulatedCluster, **described: Any) -> None:
    await captured(cluster, now="Stopped", **described)


def nothing_is_left(cluster: SimulatedCluster) -> None:
    assert cluster.store.find(VIRTUAL_MACHINE, "vm-copy") is None
    assert [each["metadata"]["name"] for each in cluster.store.all(VIRTUAL_DISK)] == ["data", "root"]
    assert [each["metadata"]["name"] for each in cluster.store.all(VIRTUAL_MACHINE_SNAPSHOT)] == ["snap"]
    assert volumes(cluster) == {("Bound", "Delete")}
    assert violations(cluster) == []


@BOTH
async def test_copy_runs_with_the_bytes_of_the_original(cluster: SimulatedCluster, begin: Callable[..., None]) -> None:
    await off(cluster)
    await completed(cluster, begin)

    copy = machine(cluster, "vm-copy")
    assert copy["status"]["phase"] == "Running"
    assert [each["name"] for each in copy["spec"]["blockDeviceRefs"]] == ["root-copy", "data-copy"]
    assert [contents(cluster, disk)[:5] for disk in ("root", "data")] == ["first", "first"]
    assert cluster.cut_of(contents(cluster, "root-copy")) == "root"
    assert cluster.cut_of(contents(cluster, "data-copy")) == "data"
    assert machine(cluster)["status"]["phase"] == "Stopped"


async def test_temporary_snapshot_is_gone_and_the_disks_still_name_it(cluster: SimulatedCluster) -> None:
    await off(cluster)
    await completed(cluster, clone)

    assert [each["metadata"]["name"] for each in cluster.store.all(VIRTUAL_MACHINE_SNAPSHOT)] == ["snap"]
    status = the_operation(cluster)["status"]
    assert (status["progress"], condition_of(status, "SnapshotReady")["reason"]) == ("100%", "SnapshotCleanedUp")
    metadata = the_operation(cluster)["metadata"]
    assert metadata["annotations"] == {OPERATION_SNAPSHOT_NAME: f"vmop-clone-{metadata['uid']}"}
    assert metadata["labels"] == {MACHINE_UID: machine(cluster)["metadata"]["uid"]}
    source = cluster.store.get(VIRTUAL_DISK, "root-copy")["spec"]["dataSource"]["objectRef"]
    assert source["kind"] == "VirtualDiskSnapshot"


async def test_each_transition_of_a_clone_is_told(cluster: SimulatedCluster) -> None:
    await off(cluster)
    await completed(cluster, clone)
    assert [each.reason for each in cluster.events if each.name == "op"] == [
        "VirtualMachineOperationStarted",
        "SnapshotCreated",
        "SnapshotDeleted",
        "VirtualMachineOperationSucceeded",
    ]


@BOTH
async def test_each_object_is_listed_and_done(cluster: SimulatedCluster, begin: Callable[..., None]) -> None:
    await off(cluster)
    await completed(cluster, begin)
    assert {(each["kind"], each["name"], each["status"]) for each in the_operation(cluster)["status"]["resources"]} == {
        ("VirtualDisk", "root-copy", "Completed"),
        ("VirtualDisk", "data-copy", "Completed"),
        ("VirtualMachine", "vm-copy", "Completed"),
    }


async def test_a_copy_that_waits_lists_what_it_would_make_and_what_it_waits_for() -> None:
    cluster = SimulatedCluster(policy=Policy(Profile.GITOPS))
    cluster.store.create(VIRTUAL_MACHINE_CLASS, dependency_manifests.machine_class("generic"))
    await off(cluster, class_name="generic")
    cluster.store.delete(VIRTUAL_MACHINE_CLASS, "generic")
    copy_snapshot(cluster)
    await cluster.settle(seconds=30)
    assert told(cluster)[0] == "Pending"
    assert {(each["kind"], each["name"], each["status"]) for each in the_operation(cluster)["status"]["resources"]} >= {
        ("VirtualDisk", "root-copy", "Completed"),
        ("VirtualDisk", "data-copy", "Completed"),
        ("VirtualMachine", "vm-copy", "Completed"),
        ("VirtualMachineClass", "generic", "Failed"),
    }

    cluster.store.create(VIRTUAL_MACHINE_CLASS, dependency_manifests.machine_class("generic"))
    await cluster.settle()
    assert told(cluster)[0] == "Completed"
    assert "VirtualMachineClass" not in {each["kind"] for each in the_operation(cluster)["status"]["resources"]}


@BOTH
async def test_copy_of_a_machine_that_stays_off_waits_for_nothing_but_its_disks(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    await off(cluster)
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"runPolicy": "AlwaysOff"}})
    cluster.machine_snapshot("of-policy", of="vm")
    await cluster.settle()
    await completed(cluster, begin, **({} if begin is clone else {"snapshot": "of-policy"}))
    assert machine(cluster, "vm-copy")["status"]["phase"] == "Stopped"


async def test_a_copy_that_lacks_its_class_is_done_and_says_so(cluster: SimulatedCluster) -> None:
    cluster.store.create(VIRTUAL_MACHINE_CLASS, dependency_manifests.machine_class("generic"))
    await off(cluster, class_name="generic")
    cluster.store.delete(VIRTUAL_MACHINE_CLASS, "generic")
    await completed(cluster, copy_snapshot, mode="BestEffort")
    assert told(cluster)[1] == "the machine stays Pending until there is VirtualMachineClass generic"


@BOTH
async def test_a_refused_machine_is_heard_of_before_any_disk_is_copied(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    await off(cluster)
    cluster.refusals.always["create VirtualMachine"] = NO
    begin(cluster)
    await cluster.settle()
    assert told(cluster) == ("Failed", "the platform says no (422 Invalid)")
    assert "create VirtualDisk" not in cluster.faults.calls
    nothing_is_left(cluster)


@BOTH
async def test_what_was_made_goes_when_the_machine_is_refused_after_all(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    await off(cluster)
    cluster.refusals.not_rehearsed["create VirtualMachine"] = NO
    begin(cluster)
    await cluster.settle()
    assert told(cluster)[0] == "Failed"
    assert "create VirtualDisk" in cluster.faults.calls
    assert {each["message"] for each in the_operation(cluster)["status"]["resources"]} == {"taken back"}
    nothing_is_left(cluster)


@BOTH
async def test_a_name_that_someone_takes_meanwhile_is_not_overwritten(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    await off(cluster)
    begin(cluster)
    await cluster.settle_until("rehearse VirtualMachine")
    cluster.guests.create("vm-copy", disks=[], phase="Stopped")
    theirs = machine(cluster, "vm-copy")["metadata"]["uid"]
    await cluster.settle()

    phase, message = told(cluster)
    assert (phase, message) == ("Failed", "VirtualMachine vm-copy was made by someone else meanwhile [NameTaken]")
    assert machine(cluster, "vm-copy")["metadata"]["uid"] == theirs
    assert [each["metadata"]["name"] for each in cluster.store.all(VIRTUAL_DISK)] == ["data", "root"]


async def test_storage_that_is_slow_is_waited_for(cluster: SimulatedCluster) -> None:
    await off(cluster)
    cluster.provisioner.makes_new = False
    clone(cluster)
    await cluster.settle(seconds=7200)
    phase, message = told(cluster)
    assert (phase, message) == ("InProgress", "waiting for VirtualDisk root-copy, VirtualDisk data-copy")
    cluster.provisioner.makes_new = True
    await cluster.settle()
    assert told(cluster)[0] == "Completed"


async def test_two_clones_of_one_machine_run_together(cluster: SimulatedCluster) -> None:
    await off(cluster)
    cluster.clone("first", customization={"nameSuffix": "-first"})
    cluster.clone("second", customization={"nameSuffix": "-second"})
    await cluster.settle()
    assert [operation(cluster, name)["status"]["phase"] for name in ("first", "second")] == ["Completed", "Completed"]


async def test_of_two_that_want_one_name_one_goes_on_and_the_other_names_it(cluster: SimulatedCluster) -> None:
    await off(cluster)
    cluster.clone("first", customization={"nameSuffix": "-same"})
    cluster.copy_snapshot("second", customization={"nameSuffix": "-same"})
    await cluster.settle()

    first = operation(cluster, "first")["status"]
    second = operation(cluster, "second", VIRTUAL_MACHINE_SNAPSHOT_OPERATION)["status"]
    assert {first["phase"], second["phase"]} == {"Completed", "Failed"}
    lost = first if first["phase"] == "Failed" else second
    assert "[NameTaken]" in condition_of(lost, "Completed")["message"]


async def test_a_snapshot_that_fails_fails_the_clone(cluster: SimulatedCluster) -> None:
    await off(cluster)
    cluster.storage.works = False
    clone(cluster)
    await cluster.settle(seconds=700)
    phase, message = told(cluster)
    assert phase == "Failed"
    assert message.startswith("its temporary snapshot failed: ")
    assert condition_of(the_operation(cluster)["status"], "SnapshotReady")["reason"] == "SnapshotFailed"
    nothing_is_left(cluster)


@BOTH
async def test_dry_run_writes_nothing_but_its_status(cluster: SimulatedCluster, begin: Callable[..., None]) -> None:
    await off(cluster)
    calls = len(cluster.faults.calls)
    begin(cluster, mode="DryRun")
    await cluster.settle()
    assert [each.split("/")[-1] for each in cluster.faults.calls[calls:]] == ["status"]
    nothing_is_left(cluster)


@BOTH
async def test_cancelling_at_any_moment_takes_everything_back(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    kind: Kind[Any] = VIRTUAL_MACHINE_OPERATION if begin is clone else VIRTUAL_MACHINE_SNAPSHOT_OPERATION
    steps, running = 0, True
    while running:
        cluster = SimulatedCluster()
        await off(cluster)
        begin(cluster)
        end = cluster.moment + timedelta(seconds=300)
        for _ in range(steps):
            await cluster.step(end)
        running = the_operation(cluster).get("status", {}).get("phase") != "Completed"
        cluster.store.delete(kind, "op")
        await cluster.settle()
        assert cluster.store.find(kind, "op") is None, steps
        if running:
            nothing_is_left(cluster)
        steps += 1
    assert steps > 10


def provisioned(cluster: SimulatedCluster) -> Json:
    secret = saved_manifests.provisioning_secret("cloud-init")
    cluster.store.create(SECRET, secret)
    return secret


@BOTH
async def test_provisioning_secret_is_copied_under_its_new_name(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    original = provisioned(cluster)
    await off(cluster, provisioning_secret="cloud-init")
    await completed(cluster, begin)
    assert cluster.store.get(SECRET, "cloud-init-copy")["data"] == original["data"]
    assert machine(cluster, "vm-copy")["spec"]["provisioning"]["userDataRef"]["name"] == "cloud-init-copy"


RENAMED: Final[Json] = {
    "customization": None,
    "nameReplacement": [
        {"from": {"kind": kind, "name": name}, "to": f"{name}-new"}
        for kind, name in (("VirtualMachine", "vm"), ("VirtualDisk", "root"), ("VirtualDisk", "data"))
    ],
}


@BOTH
async def test_provisioning_secret_that_keeps_its_name_is_shared(
    cluster: SimulatedCluster, begin: Callable[..., None]
) -> None:
    provisioned(cluster)
    await off(cluster, provisioning_secret="cloud-init")
    uid = cluster.store.get(SECRET, "cloud-init")["metadata"]["uid"]
    await completed(cluster, begin, **RENAMED)
    assert machine(cluster, "vm-new")["spec"]["provisioning"]["userDataRef"]["name"] == "cloud-init"
    assert cluster.store.get(SECRET, "cloud-init")["metadata"]["uid"] == uid


async def secret_gone(cluster: SimulatedCluster) -> Json:
    """A snapshot of a machine whose provisioning Secret is gone since."""
    original = provisioned(cluster)
    await off(cluster, provisioning_secret="cloud-init")
    cluster.store.delete(SECRET, "cloud-init")
    return original


async def test_provisioning_secret_that_is_gone_is_made_again(cluster: SimulatedCluster) -> None:
    original = await secret_gone(cluster)
    await completed(cluster, copy_snapshot, **RENAMED)
    assert cluster.store.get(SECRET, "cloud-init")["data"] == original["data"]


def renamed_to(ending: str) -> Json:
    """Names for all but the Secret."""
    rules = [{**rule, "to": f"{rule['from']['name']}-{ending}"} for rule in RENAMED["nameReplacement"]]
    return {**RENAMED, "nameReplacement": rules}


async def first_copy_waits(cluster: SimulatedCluster) -> None:
    """It has made the Secret that it shares with all other copies, and no machine is left but its own."""
    await secret_gone(cluster)
    cluster.provisioner.makes_new = False
    cluster.copy_snapshot("op", **renamed_to("first"))
    cluster.guests.delete("vm")
    await cluster.settle()
    assert cluster.store.find(SECRET, "cloud-init") is not None


async def cancel(cluster: SimulatedCluster, name: str) -> None:
    cluster.store.delete(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, name)
    await cluster.settle()
    assert cluster.store.find(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, name) is None


async def test_secret_that_a_cancelled_copy_made_goes_with_it(cluster: SimulatedCluster) -> None:
    await first_copy_waits(cluster)
    await cancel(cluster, "op")
    assert cluster.store.find(SECRET, "cloud-init") is None


async def test_secret_that_a_finished_copy_uses_outlives_the_copy_that_made_it(cluster: SimulatedCluster) -> None:
    await first_copy_waits(cluster)
    cluster.guests.create("another", disks=[], phase="Stopped", provisioning_secret="cloud-init")
    await cancel(cluster, "op")
    assert cluster.store.find(SECRET, "cloud-init") is not None


async def test_secret_that_a_copy_under_way_counts_on_outlives_the_copy_that_made_it(cluster: SimulatedCluster) -> None:
    await first_copy_waits(cluster)
    cluster.copy_snapshot("second", **renamed_to("second"))
    await cluster.settle()
    secret = cluster.store.get(SECRET, "cloud-init")
    await cancel(cluster, "op")
    assert cluster.store.get(SECRET, "cloud-init")["metadata"]["uid"] == secret["metadata"]["uid"]

    cluster.provisioner.makes_new = True
    await cluster.settle()
    second = operation(cluster, "second", VIRTUAL_MACHINE_SNAPSHOT_OPERATION)
    assert second["status"]["phase"] == "Completed"


async def test_of_two_copies_that_are_cancelled_together_none_keeps_the_secret(cluster: SimulatedCluster) -> None:
    await first_copy_waits(cluster)
    cluster.copy_snapshot("second", **renamed_to("second"))
    await cluster.settle()
    for name in ("op", "second"):
        cluster.store.delete(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, name)
    await cluster.settle()
    assert cluster.store.find(SECRET, "cloud-init") is None


async def test_secret_that_stays_is_not_called_taken_back(cluster: SimulatedCluster) -> None:
    provisioned(cluster)
    await off(cluster, provisioning_secret="cloud-init")
    cluster.refusals.always["create VirtualMachine"] = NO
    copy_snapshot(cluster, **RENAMED)
    await cluster.settle()
    told_of = {each["kind"]: each["message"] for each in the_operation(cluster)["status"]["resources"]}
    assert told_of == {"VirtualDisk": "taken back", "Secret": "stays", "VirtualMachine": "taken back"}


async def test_a_name_that_an_unwatched_secret_has_fails_the_copy(cluster: SimulatedCluster) -> None:
    """No cache shows it: whoever waited for it to appear would wait for ever."""
    await secret_gone(cluster)
    cluster.store.create(SECRET, saved_manifests.provisioning_secret("cloud-init") | {"type": "helm.sh/release.v1"})
    copy_snapshot(cluster, **RENAMED)
    await cluster.settle()
    assert told(cluster) == (
        "Failed",
        "Secret cloud-init is of type helm.sh/release.v1; give the copy of it another name [NameTaken]",
    )
    assert cluster.store.get(SECRET, "cloud-init")["type"] == "helm.sh/release.v1"
    assert cluster.store.find(VIRTUAL_MACHINE, "vm-new") is None


async def test_sysprep_secret_follows_its_new_name(cluster: SimulatedCluster) -> None:
    """The platform forgets it (platform API facts, section 6, 15)."""
    provisioned(cluster)
    await captured(cluster, now="Stopped")
    sysprep = {"type": "SysprepRef", "sysprepRef": {"kind": "Secret", "name": "cloud-init"}}
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"provisioning": sysprep}})
    await completed(cluster, clone)
    assert machine(cluster, "vm-copy")["spec"]["provisioning"]["sysprepRef"]["name"] == "cloud-init-copy"


async def test_hotplugged_disks_are_copied_with_their_attachment(cluster: SimulatedCluster) -> None:
    await captured(cluster, plugged={"plug": "extra"})
    await completed(cluster, copy_snapshot)
    spec = cluster.store.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, "plug-copy")["spec"]
    assert spec == {"virtualMachineName": "vm-copy", "blockDeviceRef": {"kind": "VirtualDisk", "name": "extra-copy"}}
    assert cluster.cut_of(contents(cluster, "extra-copy")) == "extra"


@pytest.mark.parametrize(("held", "left"), [(True, []), (False, [{"name": "stick"}])])
async def test_best_effort_leaves_out_only_usb_devices_that_another_machine_has(
    cluster: SimulatedCluster, held: bool, left: list[Json]
) -> None:
    await captured(cluster, now="Stopped")
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"usbDevices": [{"name": "stick"}]}})
    cluster.machine_snapshot("with-stick", of="vm")
    await cluster.settle()
    if not held:
        cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"usbDevices": []}})
    await completed(cluster, copy_snapshot, mode="BestEffort", snapshot="with-stick")
    assert machine(cluster, "vm-copy")["spec"]["usbDevices"] == left


def network(name: str, mac_address: str) -> Json:
    return {"type": "Network", "name": name, "virtualMachineMACAddressName": mac_address}


async def test_the_copy_has_neither_address_nor_labels_of_the_original(cluster: SimulatedCluster) -> None:
    cluster.store.create(VIRTUAL_MACHINE_IP_ADDRESS, dependency_manifests.ip_address("ip", of="vm"))
    cluster.store.create(VIRTUAL_MACHINE_MAC_ADDRESS, dependency_manifests.mac_address("mac-a", of="vm"))
    cluster.store.create(NETWORK, {"metadata": {"name": "a"}})
    await captured(cluster, now="Stopped")
    cluster.store.patch(
        VIRTUAL_MACHINE,
        "vm",
        {
            "metadata": {"labels": {"app": "billing"}, "annotations": {"example.com/owner": "me"}},
            "spec": {"virtualMachineIPAddressName": "ip", "networks": [{"type": "Main"}, network("a", "mac-a")]},
        },
    )
    cluster.machine_snapshot("later", of="vm")
    await cluster.settle()
    await completed(cluster, copy_snapshot, snapshot="later")

    copy = machine(cluster, "vm-copy")
    assert "labels" not in copy["metadata"]
    assert copy["metadata"]["annotations"]["example.com/owner"] == "me"
    assert "virtualMachineIPAddressName" not in copy["spec"]
    assert copy["spec"]["networks"] == [{"type": "Main"}, {"type": "Network", "name": "a"}]


async def test_a_disk_that_the_copy_does_not_list_is_not_waited_for(cluster: SimulatedCluster) -> None:
    """On storage that gives it no volume before a machine starts with it, and none does."""
    await captured(cluster)
    make_storage_wait(cluster)
    lists_one = {"spec": {"blockDeviceRefs": [{"kind": "VirtualDisk", "name": "root"}]}}
    cluster.store.patch(VIRTUAL_MACHINE, "vm", lists_one)
    cluster.machine_snapshot("of-both", of="vm")
    await cluster.settle()
    cluster.copy_snapshot("copy", snapshot="of-both", customization={"nameSuffix": "-c"})
    await cluster.settle()

    assert cluster.store.get(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, "copy")["status"]["phase"] == "Completed"
