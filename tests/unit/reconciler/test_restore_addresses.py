"""Addresses of a machine that is restored: kept, converted, or brought back."""

from __future__ import annotations

import pytest

from tests.support import dependency_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.manifests import Json
from tests.support.restores import machine, operation
from webhook.api.network import NETWORK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS

ADDRESS = "10.66.10.5"
STATIC = {"type": "Static", "staticIP": ADDRESS}
AUTO = {"type": "Auto"}


async def captured(
    cluster: SimulatedCluster, *, keep: str = "Always", named: bool = False, type_: str = "Auto"
) -> None:
    body = dependency_manifests.ip_address("ip", of="vm", address=ADDRESS, type_=type_)
    cluster.store.create(VIRTUAL_MACHINE_IP_ADDRESS, body)
    cluster.machine_side.leased[ADDRESS] = "default/ip"
    cluster.machine("vm", address="ip")
    if named:
        cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"virtualMachineIPAddressName": "ip"}})
    cluster.machine_snapshot("snap", of="vm", keep_ip_address=keep)
    await cluster.settle()


async def restored(cluster: SimulatedCluster) -> None:
    cluster.restore()
    await cluster.settle()
    assert operation(cluster)["status"]["phase"] == "Completed", operation(cluster)["status"]


def address(cluster: SimulatedCluster) -> Json:
    found: Json = cluster.store.get(VIRTUAL_MACHINE_IP_ADDRESS, "ip")["spec"]
    return found


@pytest.mark.parametrize(
    ("keep", "named", "type_", "then", "name"),
    [
        ("Always", False, "Auto", STATIC, "ip"),
        ("Always", True, "Auto", STATIC, "ip"),
        ("Always", True, "Static", STATIC, "ip"),
        ("Never", False, "Auto", AUTO, None),
        ("Never", True, "Auto", AUTO, "ip"),
        ("Never", True, "Static", STATIC, "ip"),
    ],
)
async def test_present_address_is_converted_as_the_snapshot_says(
    cluster: SimulatedCluster, keep: str, named: bool, type_: str, then: Json, name: str | None
) -> None:
    await captured(cluster, keep=keep, named=named, type_=type_)
    await restored(cluster)
    assert address(cluster) == then
    assert machine(cluster)["spec"].get("virtualMachineIPAddressName") == name


@pytest.mark.parametrize(("keep", "then"), [("Always", STATIC), ("Never", AUTO)])
async def test_address_object_that_is_gone_is_made_again(cluster: SimulatedCluster, keep: str, then: Json) -> None:
    await captured(cluster, keep=keep, named=True)
    cluster.store.delete(VIRTUAL_MACHINE_IP_ADDRESS, "ip")
    await restored(cluster)
    assert address(cluster) == then


async def test_another_address_of_the_machine_stays(cluster: SimulatedCluster) -> None:
    await captured(cluster)
    cluster.store.patch(VIRTUAL_MACHINE_IP_ADDRESS, "ip", {"status": {"address": "10.66.10.99"}})
    await restored(cluster)
    assert address(cluster) == AUTO


def network(name: str, mac_address: str = "") -> Json:
    named = {"virtualMachineMACAddressName": mac_address} if mac_address else {}
    return {"type": "Network", "name": name} | named


async def with_networks(cluster: SimulatedCluster, spec: list[Json], status: list[Json]) -> list[Json]:
    """The networks of a machine that is restored from a snapshot in which it said this of them."""
    for name in ("a", "b", "c"):
        cluster.store.create(NETWORK, {"metadata": {"name": name}})
        mac = dependency_manifests.mac_address(f"mac-{name}", of="vm", address=f"02:00:00:00:00:0{name}")
        cluster.store.create(VIRTUAL_MACHINE_MAC_ADDRESS, mac)
    cluster.machine("vm")
    patch = {"spec": {"networks": spec}, "status": {"networks": status}}
    cluster.store.patch(VIRTUAL_MACHINE, "vm", patch)
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    await restored(cluster)
    networks: list[Json] = machine(cluster)["spec"]["networks"]
    return networks


MAIN = {"type": "Main"}


async def test_mac_addresses_follow_their_networks_not_their_positions(cluster: SimulatedCluster) -> None:
    """By position the platform mixes them up (platform API facts, section 6, 13)."""
    spec = [MAIN, network("b"), network("a")]
    status = [MAIN, network("a", "mac-a"), network("b", "mac-b")]
    assert await with_networks(cluster, spec, status) == [MAIN, network("b", "mac-b"), network("a", "mac-a")]


async def test_network_that_the_running_machine_did_not_have_keeps_what_its_spec_says(
    cluster: SimulatedCluster,
) -> None:
    spec = [MAIN, network("a"), network("b"), network("c", "mac-c")]
    status = [MAIN, network("a", "mac-a")]
    assert await with_networks(cluster, spec, status) == [
        MAIN,
        network("a", "mac-a"),
        network("b"),
        network("c", "mac-c"),
    ]


async def test_mac_address_that_is_gone_is_made_again_with_its_value(cluster: SimulatedCluster) -> None:
    cluster.store.create(NETWORK, {"metadata": {"name": "a"}})
    mac = dependency_manifests.mac_address("mac-a", of="vm", address="02:00:00:00:00:0a")
    cluster.store.create(VIRTUAL_MACHINE_MAC_ADDRESS, mac)
    cluster.machine("vm")
    networks = [MAIN, network("a", "mac-a")]
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"spec": {"networks": networks}, "status": {"networks": networks}})
    cluster.machine_snapshot("snap", of="vm")
    await cluster.settle()
    cluster.store.delete(VIRTUAL_MACHINE_MAC_ADDRESS, "mac-a")
    await restored(cluster)
    assert cluster.store.get(VIRTUAL_MACHINE_MAC_ADDRESS, "mac-a")["spec"]["address"] == "02:00:00:00:00:0a"
