"""Probes of a container, as a kubelet makes them (pkg/kubelet/prober)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address
from typing import Final

import aiohttp

from lab.nodes.pod import Container, HttpGet, Probe

Ask = Callable[[Probe], Awaitable[str | None]]
"""Why the probe failed, or None when it did not."""

_USER_AGENT: Final = "kube-probe/1.37"


class UnhealthyError(Exception):
    """The container has to be started again. The message says which probe failed, and how."""


def ask_over_http(container: Container, address: IPv4Address) -> Ask:
    async def ask(probe: Probe) -> str | None:
        url = url_of(probe.http_get, container, address)
        limits = aiohttp.ClientTimeout(total=probe.timeout_seconds)
        headers = {"User-Agent": _USER_AGENT, "Connection": "close"}
        try:
            async with (
                aiohttp.ClientSession(timeout=limits, headers=headers) as session,
                session.get(url, ssl=False, allow_redirects=False) as response,
            ):
                if 200 <= response.status < 400:
                    return None
                return f"HTTP probe failed with statuscode: {response.status}: {(await response.text()).strip()}"
        except TimeoutError:
            return f"{url}: no answer within {probe.timeout_seconds} s"
        except aiohttp.ClientError as error:
            return f"{url}: {error}"

    return ask


def url_of(get: HttpGet, container: Container, address: IPv4Address) -> str:
    return f"{get.scheme.lower()}://{address}:{container.port(get.port)}{get.path}"


async def watch_over(
    container: Container,
    ask: Ask,
    *,
    started: Callable[[], None],
    ready: Callable[[bool], None],
    failed: Callable[[str], Awaitable[None]],
) -> None:
    """Probe until cancelled. Tells when the container has started, and how ready it is; raises UnhealthyError.

    `failed` hears each failure, for an event.
    """
    if container.startup_probe is not None:
        await _until_failing(container.startup_probe, "Startup", ask, failed, until_success=True)
    started()
    readiness, liveness = container.readiness_probe, container.liveness_probe
    if readiness is None:
        ready(True)
    probing = []
    if readiness is not None:
        probing.append(asyncio.ensure_future(_follow(readiness, ask, ready, failed)))
    if liveness is not None:
        probing.append(asyncio.ensure_future(_until_failing(liveness, "Liveness", ask, failed)))
    try:
        await asyncio.gather(*probing, _for_ever())
    finally:
        for task in probing:
            task.cancel()


async def keep_readiness(container: Container, ask: Ask, ready: Callable[[bool], None]) -> None:
    """While a pod terminates its readiness is still asked for, nothing else is."""
    if container.readiness_probe is not None:
        await _follow(container.readiness_probe, ask, ready, _nobody)


async def _follow(
    probe: Probe, ask: Ask, ready: Callable[[bool], None], failed: Callable[[str], Awaitable[None]]
) -> None:
    await asyncio.sleep(probe.initial_delay_seconds)
    in_a_row, was_good = 0, True
    while True:
        why = await ask(probe)
        good = why is None
        in_a_row = in_a_row + 1 if good == was_good else 1
        was_good = good
        if why is not None:
            await failed(f"Readiness probe failed: {why}")
        if in_a_row >= (probe.success_threshold if good else probe.failure_threshold):
            ready(good)
        await asyncio.sleep(probe.period_seconds)


async def _until_failing(
    probe: Probe,
    name: str,
    ask: Ask,
    failed: Callable[[str], Awaitable[None]],
    *,
    until_success: bool = False,
) -> None:
    await asyncio.sleep(probe.initial_delay_seconds)
    failures = 0
    while True:
        why = await ask(probe)
        if why is None:
            if until_success:
                return
            failures = 0
        else:
            failures += 1
            await failed(f"{name} probe failed: {why}")
            if failures >= probe.failure_threshold:
                raise UnhealthyError(f"{name} probe failed {failures} times: {why}")
        await asyncio.sleep(probe.period_seconds)


async def _for_ever() -> None:
    """A container without probes is watched over as well, by nothing."""
    await asyncio.Event().wait()


async def _nobody(_: str) -> None:
    return
