"""The node as the supervisor runs it."""

from __future__ import annotations

import sys

import aiohttp

from lab.context import Lab
from lab.nodes.settings import NODE_ADDRESS, PROBE_PORT
from lab.process import Component

_PROBE_TIMEOUT_SECONDS = 2.0


def node_components(lab: Lab) -> tuple[Component, ...]:
    """The manifests beside this file must be applied first."""
    options = {
        "kubeconfig": lab.kubeconfig("lab:node"),
        "state": lab.paths.state / "node",
        "logs": lab.paths.logs,
    }
    return (
        Component(
            name="node",
            command=(sys.executable, "-m", "lab.nodes", *(f"--{name}={path}" for name, path in options.items())),
            ready=node_is_ready,
            after=("kube-apiserver",),
        ),
    )


async def node_is_ready() -> bool:
    timeout = aiohttp.ClientTimeout(total=_PROBE_TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{NODE_ADDRESS}:{PROBE_PORT}/healthz") as reply,
        ):
            return reply.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
