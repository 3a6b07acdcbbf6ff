"""The Node object and its Lease, by which the cluster sees that the node lives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
import structlog

from lab.nodes.kinds import NODE_KIND
from lab.nodes.settings import NODE, NODE_ADDRESS
from lab.nodes.status import timestamp
from webhook.kube.client import Client
from webhook.kube.errors import AlreadyExistsError, ApiError, UnreachableError
from webhook.kube.lease import LEASE, micro_time

LEASES: Final = "kube-node-lease"
LEASE_SECONDS: Final = 40
HEARTBEAT_SECONDS: Final = 10.0
"""As a kubelet (nodeLeaseDurationSeconds, and a quarter of it)."""
RETRY_SECONDS: Final = 1.0

log = structlog.get_logger()

_CAPACITY: Final = {"cpu": "16", "memory": "32Gi", "pods": "250", "ephemeral-storage": "32Gi"}


def node_object() -> dict[str, Any]:
    labels = {
        "kubernetes.io/hostname": NODE,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/zone": "lab",
    }
    return {"metadata": {"name": NODE, "labels": labels}}


def node_status(now: datetime) -> dict[str, Any]:
    conditions = {"Ready": "True", "MemoryPressure": "False", "DiskPressure": "False", "PIDPressure": "False"}
    return {
        "capacity": _CAPACITY,
        "allocatable": _CAPACITY,
        "addresses": [{"type": "InternalIP", "address": str(NODE_ADDRESS)}, {"type": "Hostname", "address": NODE}],
        "conditions": [
            {
                "type": name,
                "status": status,
                "reason": "LabNode",
                "message": "",
                "lastHeartbeatTime": timestamp(now),
                "lastTransitionTime": timestamp(now),
            }
            for name, status in conditions.items()
        ],
    }


async def register(client: Client, now: Callable[[], datetime]) -> None:
    """Returns when the node is there and Ready."""
    try:
        await client.create(NODE_KIND, node_object())
    except AlreadyExistsError:
        log.info("the node is there from an earlier run")
    body = msgspec.json.encode({"status": node_status(now())})
    path = NODE_KIND.path("", NODE, "status")
    await client.request("PATCH", path, body=body, content_type="application/strategic-merge-patch+json")


async def keep_alive(client: Client, now: Callable[[], datetime]) -> None:
    """Renew the Lease, until cancelled."""
    while True:
        spec = {"holderIdentity": NODE, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": micro_time(now())}
        try:
            await client.apply(LEASE, LEASES, NODE, {"spec": spec}, field_manager="lab-node")
        except (ApiError, UnreachableError) as error:
            log.warning("the node's lease is not renewed", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)
        else:
            await asyncio.sleep(HEARTBEAT_SECONDS)
