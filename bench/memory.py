"""What the watch cache takes for each kind, and how long a first list takes to read.

    python -m bench.memory

Objects are read, projected, indexed and kept by production code; only the network is left out.
"""

from __future__ import annotations

import base64
import gc
import os
import time
import tracemalloc
from collections.abc import Callable
from typing import Any, Final

import msgspec

from tests.support import dependency_manifests, manifests, saved_manifests
from tests.support.manifests import DRIVER, NAMESPACE, Json
from webhook.api.kind import Kind
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_ip_address_lease import VIRTUAL_MACHINE_IP_ADDRESS_LEASE
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT
from webhook.facts.indexes import INDEXES
from webhook.inventory.projections import projection_of
from webhook.inventory.store import Store
from webhook.kube.undecodable import read_object

OBJECTS: Final = 10_000
PASSWORDS: Final = 3
"""Keys of an ordinary Secret, of 1 KiB each: a certificate and its key are 3 KiB."""


def plain_secret(number: int) -> Json:
    data = {f"key-{key}": base64.b64encode(os.urandom(1024)).decode() for key in range(PASSWORDS)}
    return {"metadata": manifests.metadata(f"secret-{number}"), "type": "Opaque", "data": data}


def snapshot_secret(number: int) -> Json:
    machine = manifests.machine(f"machine-{number}", disks=["root", "data"], address=f"ip-{number}")
    address = dependency_manifests.ip_address(f"ip-{number}", of=f"machine-{number}")
    return saved_manifests.saved_secret(f"snap-{number}", saved_manifests.content(machine, address=address))


def lease(number: int) -> Json:
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    holder = {"namespace": NAMESPACE, "name": f"ip-{number}"}
    return {
        "metadata": manifests.metadata(f"ip-{address.replace('.', '-')}"),
        "spec": {"virtualMachineIPAddressRef": holder},
        "status": {"phase": "Bound"},
    }


def volume_snapshot(number: int) -> Json:
    return saved_manifests.volume_snapshot(f"disk-{number}", of=f"snap-{number}", storage_class=DRIVER)


def machine(number: int) -> Json:
    return manifests.machine(f"machine-{number}", disks=[f"root-{number}", f"data-{number}"])


def disk(number: int) -> Json:
    return manifests.disk(f"disk-{number}", storage_class=DRIVER)


CASES: Final[tuple[tuple[str, Kind[Any], Callable[[int], Json]], ...]] = (
    ("Secret of 3 KiB", SECRET, plain_secret),
    ("Secret of a machine snapshot", SECRET, snapshot_secret),
    ("VirtualMachineIPAddressLease", VIRTUAL_MACHINE_IP_ADDRESS_LEASE, lease),
    ("VolumeSnapshot", VOLUME_SNAPSHOT, volume_snapshot),
    ("VirtualMachine with two disks", VIRTUAL_MACHINE, machine),
    ("VirtualDisk", VIRTUAL_DISK, disk),
)


def kept_by(kind: Kind[Any], make: Callable[[int], Json], objects: int) -> float:
    """Bytes for each object, indexes included."""
    store: Store[Any] = Store(kind, [index for index in INDEXES if index.kind is kind])
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(objects):
        store.upsert(*read_object(kind, encoded(make, number), projection_of(kind)))
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / objects


def microseconds_to_read(kind: Kind[Any], make: Callable[[int], Json], objects: int) -> float:
    """One object: decoded, projected, indexed and stored."""
    store: Store[Any] = Store(kind, [index for index in INDEXES if index.kind is kind])
    raws = [encoded(make, number) for number in range(objects)]
    started = time.perf_counter()
    for raw in raws:
        store.upsert(*read_object(kind, raw, projection_of(kind)))
    return (time.perf_counter() - started) / objects * 1e6


def encoded(make: Callable[[int], Json], number: int) -> msgspec.Raw:
    manifest = make(number)
    manifest["metadata"] |= {"uid": f"{number:036}", "resourceVersion": str(number)}
    return msgspec.Raw(msgspec.json.encode(manifest))


def main() -> None:
    print(f"{'kind':<30}  {'bytes kept':>10}  {'MB for 100,000':>14}  {'µs to read':>10}")
    for title, kind, make in CASES:
        kept = kept_by(kind, make, OBJECTS)
        spent = microseconds_to_read(kind, make, OBJECTS)
        print(f"{title:<30}  {kept:>10.0f}  {kept * 0.1:>14.0f}  {spent:>10.0f}")


if __name__ == "__main__":
    main()
