"""What a copy has of its original, and what not."""

from __future__ import annotations

import pytest

from tests.support import dependency_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.manifests import Json
from tests.support.restores import captured, contents, machine, make_storage_wait
from tests.support.simulated_copies import (
    completed,
    copy_snapshot,
)
from webhook.api.network import NETWORK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION


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
