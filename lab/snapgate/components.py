"""The webhook and the reconciler, each under its own account and its own address, as their pods would be."""

from __future__ import annotations

import sys
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import aiohttp

from lab.context import Lab
from lab.process import Component

NAMESPACE: Final = "snapgate-system"
WEBHOOK_ADDRESS: Final = IPv4Address("10.97.0.20")
RECONCILER_ADDRESS: Final = IPv4Address("10.97.0.21")
WEBHOOK_PROBES: Final = f"http://{WEBHOOK_ADDRESS}:8081"
RECONCILER_PROBES: Final = f"http://{RECONCILER_ADDRESS}:8082"
MANIFESTS: Final = (Path(__file__).parents[2] / "deploy", Path(__file__).parent / "manifests")
LEASE_SECONDS: Final = 8
"""A reconciler that was killed is replaced after so long, and tests wait for it."""
_ACCOUNTS: Final = ("system:serviceaccounts", f"system:serviceaccounts:{NAMESPACE}")


def snapgate_components(lab: Lab) -> tuple[Component, ...]:
    lab.paths.policy.write_text("profile: strict\n")
    return (
        _component(lab, "snapgate-webhook", "serve", WEBHOOK_ADDRESS, WEBHOOK_PROBES),
        _component(lab, "snapgate-reconciler", "reconcile", RECONCILER_ADDRESS, RECONCILER_PROBES),
    )


def snapgate_command(verb: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "webhook.cli.main", verb)


def snapgate_environment(lab: Lab, account: str, address: IPv4Address) -> dict[str, str]:
    kubeconfig = lab.kubeconfig(f"system:serviceaccount:{NAMESPACE}:{account}", _ACCOUNTS)
    return {
        "SNAPGATE_KUBECONFIG": str(kubeconfig),
        "SNAPGATE_HOST": str(address),
        "SNAPGATE_POLICY_FILE": str(lab.paths.policy),
        "SNAPGATE_LEASE_SECONDS": str(LEASE_SECONDS),
        "SNAPGATE_DRAIN_SECONDS": "1",  # endpoints are written by hand here, so there is nothing to wait for
        "SNAPGATE_DRAIN_QUIET_SECONDS": "0.5",
        "SNAPGATE_NEW_VOLUME_DEADLINE_SECONDS": "20",  # the lab's storage takes less than a second, or refuses
    }


def _component(lab: Lab, account: str, verb: str, address: IPv4Address, probes: str) -> Component:
    return Component(
        name=account,
        command=snapgate_command(verb),
        environment=snapgate_environment(lab, account, address),
        ready=partial(_is_ready, f"{probes}/readyz"),
        after=("kube-apiserver",),
    )


async def _is_ready(url: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=2)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
