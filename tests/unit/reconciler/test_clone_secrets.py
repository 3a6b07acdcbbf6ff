"""The provisioning Secret of a copy: under a new name, or shared, and for as long as somebody uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.support import saved_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.manifests import Json
from tests.support.restores import captured, machine, operation
from tests.support.simulated_copies import (
    BOTH,
    NO,
    clone,
    completed,
    copy_snapshot,
    off,
    the_operation,
    told,
)
from webhook.api.secret import SECRET
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION


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
