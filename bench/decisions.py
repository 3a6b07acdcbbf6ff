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

from tests.support import manifests
from tests.support.manifests import DRIVER, NAMESPACE, Json
from tests.support.requests import snapshot_of_machine
from webhook.api.decoding import decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT_CLASS
from webhook.app.watched import FOR_DECISIONS, indexes_over
from webhook.evaluation.evaluate import evaluate
from webhook.facts.source import Index
from webhook.findings.policy import Policy
from webhook.inventory.store import Store

T = TypeVar("T", bound=Object)

SIZES: Final = (100, 1_000, 10_000, 100_000)
"""Objects in all: a machine, two disks and two claims count five."""
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
        manifest = {**manifest, "metadata": {"namespace": NAMESPACE if kind.namespaced else ""} | manifest["metadata"]}
        read = decode(kind, msgspec.json.encode(manifest))
        self._stores[kind.type].upsert((read.metadata.namespace, read.metadata.name), read)

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
    for number in range(objects // 5):
        disks = [f"disk-{number}-{letter}" for letter in "ab"]
        stores.put(VIRTUAL_MACHINE, manifests.machine(f"machine-{number}", disks=disks))
        for disk in disks:
            stores.put(VIRTUAL_DISK, manifests.disk(disk, storage_class=DRIVER, users=[f"machine-{number}"]))
            stores.put(
                PERSISTENT_VOLUME_CLAIM, manifests.claim(disk, driver=DRIVER, storage_class=DRIVER, phase="Bound")
            )
    return stores


def microseconds_per_decision(stores: Stores) -> float:
    """The median of many, of a machine's snapshot that is allowed."""
    request = snapshot_of_machine("machine-7")
    policy = Policy()
    assert not evaluate(request, stores, policy).denied
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter_ns()
        evaluate(request, stores, policy)
        spent.append(time.perf_counter_ns() - started)
    return statistics.median(spent) / 1000


def main() -> None:
    gc.disable()
    first = None
    print(f"{'objects':>9}  {'µs a decision':>14}  {'ratio':>6}")
    for size in SIZES:
        cost = microseconds_per_decision(cluster_of(size))
        first = first or cost
        print(f"{size:>9}  {cost:>14.1f}  {cost / first:>6.2f}")


if __name__ == "__main__":
    main()
