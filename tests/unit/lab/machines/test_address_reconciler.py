from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
import pytest

from lab.machines.address_family import IP_ADDRESSES, Lease
from lab.machines.address_reconciler import AddressReconciler
from lab.machines.queue import KeyQueue
from lab.machines.world import World
from lab.machines.writes import Writes
from tests.support.machine_side import condition, ip_address, ip_lease
from webhook.api.decoding import decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.reference import Reference
from webhook.api.virtual_machine_ip_address import VirtualMachineIPAddress
from webhook.kube.client import Client
from webhook.kube.errors import AlreadyExistsError

T = TypeVar("T", bound=Object)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment at which `condition` says that a lease was released."""


class ApiServer(Client):
    """Has leases that the machine side may not have seen yet, and remembers what was written."""

    def __init__(self, *unseen: Lease) -> None:
        self.leases = {lease.metadata.name: lease for lease in unseen}
        self.created: list[str] = []
        self.patched: dict[str, Any] = {}
        self.deleted: list[str] = []

    async def get(self, kind: Kind[T], namespace: str, name: str) -> T:
        return decode(kind, msgspec.json.encode(self.leases[name]))

    async def create(self, kind: Kind[T], body: Mapping[str, Any], *, namespace: str = "", **_: Any) -> T:
        if body["metadata"]["name"] in self.leases:
            raise AlreadyExistsError(409, "AlreadyExists", "it exists")
        self.created.append(body["metadata"]["name"])
        return decode(kind, msgspec.json.encode(body))

    async def merge_patch(
        self, kind: Kind[T], namespace: str, name: str, patch: Mapping[str, Any], *, subresource: str = "", **_: Any
    ) -> T:
        self.patched[name] = patch.get("status") or patch.get("spec")
        return decode(kind, msgspec.json.encode({"metadata": {"name": name}, "spec": {"type": "Auto"}}))

    async def delete(
        self,
        kind: Kind[Any],
        namespace: str,
        name: str,
        *,
        uid: str = "",
        resource_version: str = "",
    ) -> None:
        self.deleted.append(name)


class Side:
    def __init__(self, api_server: ApiServer, *seen: VirtualMachineIPAddress | Lease, now: datetime = NOW) -> None:
        world = World(lambda _: None)
        for each in seen:
            table: Any = world.ip_addresses if isinstance(each, VirtualMachineIPAddress) else world.ip_leases
            table.upsert((each.metadata.namespace, each.metadata.name), each)
        queue: KeyQueue[Reference] = KeyQueue()
        writes = Writes(api_server, lambda: now)
        self._reconciler = AddressReconciler(
            IP_ADDRESSES, world.ip_addresses, world.ip_leases, world.machine_at, writes, queue
        )

    async def address(self, name: str = "ip") -> None:
        await self._reconciler.reconcile_address(Reference("VirtualMachineIPAddress", "default", name))

    async def lease(self, name: str) -> None:
        await self._reconciler.reconcile_lease(Reference("VirtualMachineIPAddressLease", "", name))


async def test_new_address_leases_the_first_that_nobody_has() -> None:
    api_server = ApiServer()
    await Side(api_server, ip_address("ip"), ip_lease("10.66.0.1", holder="other")).address()
    assert api_server.created == ["ip-10-66-0-2"]
    assert (api_server.patched["ip"]["phase"], api_server.patched["ip"]["address"]) == ("Bound", "10.66.0.2")


async def test_address_that_was_leased_a_moment_ago_is_left_to_its_holder() -> None:
    api_server = ApiServer(ip_lease("10.66.0.1", holder="other"))
    await Side(api_server, ip_address("ip")).address()
    assert api_server.created == ["ip-10-66-0-2"]


async def test_lease_of_a_pass_that_was_cut_short_is_taken_over() -> None:
    api_server = ApiServer(ip_lease("10.66.0.1", holder="ip"))
    await Side(api_server, ip_address("ip")).address()
    assert (api_server.created, api_server.patched["ip"]["address"]) == ([], "10.66.0.1")


async def test_static_address_takes_a_released_lease() -> None:
    api_server = ApiServer()
    released = ip_lease("10.66.10.14", holder="gone", phase="Released")
    await Side(api_server, ip_address("ip", static="10.66.10.14"), released).address()
    assert api_server.patched["ip-10-66-10-14"] == {
        "virtualMachineIPAddressRef": {"namespace": "default", "name": "ip"}
    }
    assert api_server.patched["ip"]["address"] == "10.66.10.14"


@pytest.mark.parametrize(
    ("static", "reason"),
    [
        ("10.66.10.14", "VirtualMachineIPAddressLeaseAlreadyExists"),
        ("192.168.0.1", "VirtualMachineIPAddressIsOutOfTheValidRange"),
    ],
)
async def test_static_address_that_cannot_be_had_stays_pending_and_says_why(static: str, reason: str) -> None:
    api_server = ApiServer()
    taken = ip_lease("10.66.10.14", holder="other", namespace="elsewhere", phase="Bound")
    await Side(api_server, ip_address("ip", static=static), taken).address()
    said = api_server.patched["ip"]
    assert (said["phase"], said["conditions"][0]["reason"], api_server.created) == ("Pending", reason, [])


async def test_lease_is_released_when_its_address_is_gone() -> None:
    api_server = ApiServer()
    await Side(api_server, ip_lease("10.66.0.1", phase="Bound")).lease("ip-10-66-0-1")
    assert (api_server.patched["ip-10-66-0-1"]["phase"], api_server.deleted) == ("Released", [])


@pytest.mark.parametrize(("minutes", "kept"), [(9, True), (11, False)])
async def test_released_lease_is_kept_for_ten_minutes(minutes: int, *, kept: bool) -> None:
    api_server = ApiServer()
    released = ip_lease("10.66.0.1", phase="Released", conditions=[condition("Bound", "False", "Released")])
    await Side(api_server, released, now=NOW + timedelta(minutes=minutes)).lease("ip-10-66-0-1")
    assert (api_server.deleted == []) is kept
