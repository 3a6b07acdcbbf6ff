"""The machine side as the supervisor runs it."""

from __future__ import annotations

import sys

import aiohttp

from lab.context import Lab
from lab.credentials import FRONT_PROXY_AUTHORITY, key_pair_files
from lab.machines.settings import PROBE_ADDRESS, PROBE_PORT, SUBRESOURCE_ADDRESS, machines_directory
from lab.process import Component
from lab.storage.layout import storage_directory

_SERVICE = "virtualization-api.d8-virtualization.svc"
_PROBE_TIMEOUT_SECONDS = 2.0


def machine_components(lab: Lab) -> tuple[Component, ...]:
    """The CRDs and the manifests beside this file must be applied first."""
    serving = lab.serving_certificate("virtualization-api", (_SERVICE, SUBRESOURCE_ADDRESS))
    options = {
        "kubeconfig": lab.kubeconfig("lab:machines"),
        "state": machines_directory(lab.paths.state),
        "storage": storage_directory(lab.paths.state),
        "certificate": serving.certificate,
        "key": serving.key,
        "authority": lab.authority,
        "front-proxy-authority": key_pair_files(lab.paths.pki, FRONT_PROXY_AUTHORITY).certificate,
        "sockets": lab.paths.runtime / "guests",
    }
    if lab.paths.guest.exists():
        options["guest"] = lab.paths.guest
    return (
        Component(
            name="machines",
            command=(sys.executable, "-m", "lab.machines", *(f"--{name}={path}" for name, path in options.items())),
            ready=machines_are_ready,
            after=("kube-apiserver",),
        ),
    )


async def machines_are_ready() -> bool:
    """Whether disks and machines are looked after, and the API server passes freeze and unfreeze on."""
    timeout = aiohttp.ClientTimeout(total=_PROBE_TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{PROBE_ADDRESS}:{PROBE_PORT}/readyz") as reply,
        ):
            return reply.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
