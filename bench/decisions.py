"""What one decision costs in a small cluster and in a large one.

    python -m bench.decisions

Facts come from the production store with the production indexes; only the watch that would fill it is left out.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from tests.support import dependency_manifests, manifests, saved_manifests
from tests.support.manifests import DRIVER, NAMESPACE, Json
from tests.support.requests import create, snapshot_of_machine
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_ip_address_lease import VIRTUAL_MACHINE_IP_ADDRESS_LEASE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS
from webhook.app.watched import FOR_DECISIONS, indexes_over
from webhook.evaluation.evaluate import evaluate
from webhook.facts.holders import lease_name
from webhook.facts.request import Request
from webhook.facts.source import Index
from webhook.findings.policy import Policy
from webhook.inventory.projections import projection_of
from webhook.inventory.store import Store
from webhook.kube.undecodable import read_object

T = TypeVar("T", bound=Object)

SIZES: Final = (100, 1_000, 10_000, 100_000)
"""Objects in all."""
OF_A_MACHINE: Final = 14
"""The machine, two disks with claims, an address, its lease, two Secrets, a snapshot with two parts and their data."""
WAITING: Final = 100
"""Copies in the same namespace that have not begun."""
ROUNDS: Final = 2_000


class Stores:
    """A Source over production stores."""

    def __init__(self) -> None:
        indexes = indexes_over(FOR_DECISIONS)
        self._stores: Mapping[type[Object], Store[Any]] = {
            watched.kind.type: Store(watched.kind, [each for each in indexes if each.kind is watched.kind])
            for watched in FOR_DECISIONS
        }

    def put(self, kind: Kind[Any], manifest: Json) -> None:
        stored = msgspec.json.encode(manifests.filled(kind, manifest))
        key, read = read_object(kind, msgspec.Raw(stored), projection_of(kind))
        self._stores[kind.type].upsert(key, read)

    def knows(self, kind: Kind[Any]) -> bool:
        return kind.type in self._stores

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        found: T | None = self._stores[kind.type].get(namespace, name)
        return found

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        return self._stores[index.kind.type].find(index, value)


def cluster_of(objects: int) -> Stores:
    stores = Stores()
    stores.put(STORAGE_CLASS, manifests.storage_class(DRIVER, provisioner=DRIVER))
    stores.put(VOLUME_SNAPSHOT_CLASS, manifests.snapshot_class(DRIVER, driver=DRIVER))
    for number in range(objects // OF_A_MACHINE):
        put_machine(stores, number)
    return stores


def put_machine(stores: Stores, number: int) -> None:
    """A machine with an address, its snapshot, and what belongs to either."""
    name, snapshot, address = f"machine-{number}", f"snap-{number}", f"address-{number}"
    value = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    disks = [f"disk-{number}-{letter}" for letter in "ab"]
    machine = manifests.machine(name, disks=disks, address=address, provisioning_secret=f"init-{number}")
    machine["metadata"]["uid"] = f"uid-{number}"
    held = dependency_manifests.ip_address(address, of=name, type_="Static", address=value)
    init = saved_manifests.provisioning_secret(f"init-{number}")
    saved = saved_manifests.content(machine, address=held, secret=init)
    stores.put(VIRTUAL_MACHINE, machine)
    stores.put(VIRTUAL_MACHINE_IP_ADDRESS, held)
    lease = {"spec": {"virtualMachineIPAddressRef": {"namespace": NAMESPACE, "name": address}}}
    stores.put(VIRTUAL_MACHINE_IP_ADDRESS_LEASE, {"metadata": {"name": lease_name("ip", value)}} | lease)
    stores.put(SECRET, init)
    stores.put(SECRET, saved_manifests.saved_secret(snapshot, saved))
    stores.put(VIRTUAL_MACHINE_SNAPSHOT, saved_manifests.ready_snapshot(snapshot, of=name, disks=disks, saved=saved))
    for disk in disks:
        stores.put(VIRTUAL_DISK, manifests.disk(disk, storage_class=DRIVER, users=[name]))
        stores.put(PERSISTENT_VOLUME_CLAIM, manifests.claim(disk, driver=DRIVER, storage_class=DRIVER, phase="Bound"))
        stores.put(VIRTUAL_DISK_SNAPSHOT, saved_manifests.ready_disk_snapshot(disk, of=snapshot))
        stores.put(VOLUME_SNAPSHOT, saved_manifests.volume_snapshot(disk, of=snapshot, storage_class=DRIVER))


def restore_of_machine(number: int) -> Request:
    manifest = dependency_manifests.restore("rollback", of=f"machine-{number}", snapshot=f"snap-{number}")
    return create(VIRTUAL_MACHINE_OPERATION, manifest)


def copy_of_snapshot(number: int) -> Request:
    manifest = dependency_manifests.machine_from_snapshot("copy", snapshot=f"snap-{number}")
    return create(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, manifest)


def put_waiting_copy(stores: Stores, number: int) -> None:
    """Accepted, not begun: what it is about to make is written down nowhere, and planned by whoever has to know."""
    waiting = dependency_manifests.machine_from_snapshot(
        f"waiting-{number}", snapshot=f"snap-{number}", phase="Pending"
    )
    stores.put(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, waiting)


def microseconds_per_decision(request: Request, stores: Stores) -> float:
    """The median of many, of a request that is allowed."""
    policy = Policy()
    evaluation = evaluate(request, stores, policy)
    assert not evaluation.denied, evaluation.denials
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter_ns()
        evaluate(request, stores, policy)
        spent.append(time.perf_counter_ns() - started)
    return statistics.median(spent) / 1000


def requests_about(number: int) -> dict[str, Request]:
    return {
        "snapshot": snapshot_of_machine(f"machine-{number}"),
        "restore": restore_of_machine(number),
        "copy": copy_of_snapshot(number),
    }


def main() -> None:
    gc.disable()
    requests = requests_about(5)
    print(f"{'objects':>9}" + "".join(f"  {f'µs a {name}':>13}" for name in requests))
    for size in SIZES:
        stores = cluster_of(size)
        costs = [microseconds_per_decision(request, stores) for request in requests.values()]
        print(f"{size:>9}" + "".join(f"  {cost:>13.0f}" for cost in costs))
    for number in range(10, 10 + WAITING):
        put_waiting_copy(stores, number)
    costs = [microseconds_per_decision(request, stores) for request in requests.values()]
    print(f"+ {WAITING:>3} wait" + "".join(f"  {cost:>13.0f}" for cost in costs))


if __name__ == "__main__":
    main()
