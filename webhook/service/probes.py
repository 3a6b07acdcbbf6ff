"""Probes and metrics, on a port of their own without TLS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

NotReadyReason = Callable[[], str | None]
"""Says why the process should get no requests now; None when it should."""


def probe_application(registry: CollectorRegistry, readiness: Sequence[NotReadyReason]) -> web.Application:
    probes = _Probes(registry, readiness)
    application = web.Application()
    application.router.add_get("/livez", probes.live)
    application.router.add_get("/readyz", probes.ready)
    application.router.add_get("/metrics", probes.metrics)
    return application


class _Probes:
    def __init__(self, registry: CollectorRegistry, readiness: Sequence[NotReadyReason]) -> None:
        self._registry = registry
        self._readiness = readiness

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
