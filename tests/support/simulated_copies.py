"""Clones, and machines made of a snapshot, in the cluster in memory; and how they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.support.cluster import SimulatedCluster
from tests.support.invariants import violations
from tests.support.manifests import Json
from tests.support.restores import captured, volumes
from tests.support.told import condition_of
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
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
