"""Whether a component answers."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from lab.credentials import KeyPairFiles

Probe = Callable[[], Awaitable[bool]]

PROBE_INTERVAL_SECONDS = 0.05
"""Another process cannot set an event of ours: readiness has to be asked for."""

_TIMEOUT = aiohttp.ClientTimeout(total=5)


async def until(probe: Probe) -> None:
    while not await probe():  # noqa: ASYNC110 - see the interval
        await asyncio.sleep(PROBE_INTERVAL_SECONDS)


def answers(url: str, *, authority: Path, client: KeyPairFiles | None = None) -> Probe:
    """Ready when `url` answers 200 over TLS verified against `authority`."""
    context = _tls(authority, client)

    async def probe() -> bool:
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(url, ssl=context) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    return probe


def crds_established(server: str, *, authority: Path, client: KeyPairFiles) -> Probe:
    """Ready when the API server serves all its CRDs.

    `kubectl wait --for=condition` ends with an error when it meets a CRD so new that its conditions are still null.
    """
    context = _tls(authority, client)
    url = f"{server}/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

    async def probe() -> bool:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(url, ssl=context) as response:
            response.raise_for_status()
            return are_established((await response.json())["items"])

    return probe


def are_established(crds: Iterable[Mapping[str, Any]]) -> bool:
    return all(
        any(
            condition["type"] == "Established" and condition["status"] == "True"
            for condition in crd.get("status", {}).get("conditions") or ()
        )
        for crd in crds
    )


def _tls(authority: Path, client: KeyPairFiles | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority))
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return context
