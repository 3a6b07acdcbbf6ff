"""A last look at the cluster itself before a snapshot is called consistent.

Each kind comes through a watch of its own. The event that a volume was cut may overtake the one that says that the
machine had been started before.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from webhook.api.decoding import decode
from webhook.api.freeze import FreezeStatus
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.facts.machine import machine_from
from webhook.kube.errors import NotFoundError
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.stillness import machine_is_still, machines_with, standstill_of

T = TypeVar("T", bound=Object)


async def live_standstills(
    namespace: str, disk_name: str, machine_name: str | None, freeze: FreezeStatus | None, cluster: Cluster
) -> dict[str, str] | None:
    """The standstill of each machine that has the disk; None when something may be writing to it.

    `freeze` is a claim on the machine named; all others must be off.
    """
    disk = await _read(VIRTUAL_DISK, namespace, disk_name, cluster)
    if disk is None:
        return None
    standstills = {}
    for name in machines_with(disk, machine_name):
        machine = await _read(VIRTUAL_MACHINE, namespace, name, cluster)
        claim = freeze if name == machine_name else None
        if not machine_is_still(machine_from(machine) if machine is not None else None, claim, cluster.clock()):
            return None
        standstills[name] = standstill_of(machine)
    return standstills


async def _read(kind: Kind[T], namespace: str, name: str, cluster: Cluster) -> T | None:
    try:
        raw: dict[str, Any] = await cluster.writes.read_raw(kind, namespace, name)
    except NotFoundError:
        return None
    return decode(kind, msgspec.json.encode(raw))
