"""Probes, metrics and the policy in force, on a port of their own without TLS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

NotReadyReason = Callable[[], str | None]
"""Says why the process should get no requests now; None when it should."""


DescribePolicy = Callable[[], bytes]
"""The policy in force and what is wrong with its file, as JSON."""


def probe_application(
    registry: CollectorRegistry, readiness: Sequence[NotReadyReason], describe_policy: DescribePolicy
) -> web.Application:
    probes = _Probes(registry, readiness, describe_policy)
    application = web.Application()
    application.router.add_get("/livez", probes.live)
    application.router.add_get("/readyz", probes.ready)
    application.router.add_get("/metrics", probes.metrics)
    application.router.add_get("/policy", probes.policy)
    return application


class _Probes:
    def __init__(
        self, registry: CollectorRegistry, readiness: Sequence[NotReadyReason], describe_policy: DescribePolicy
    ) -> None:
        self._registry = registry
        self._readiness = readiness
        self._describe_policy = describe_policy

    async def live(self, _: web.Request) -> web.Response:
        """Reviews are judged on this same event loop: that it answers at all is the sign of life."""
        return web.Response(text="ok\n")

    async def ready(self, _: web.Request) -> web.Response:
        reasons = [reason for check in self._readiness if (reason := check()) is not None]
        if reasons:
            return web.Response(status=503, text="".join(f"not ready: {reason}\n" for reason in reasons))
        return web.Response(text="ok\n")

    async def metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def policy(self, _: web.Request) -> web.Response:
        return web.Response(body=self._describe_policy(), content_type="application/json")
