"""Probes, metrics and the policy in force, on a port of their own without TLS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

NotReadyReason = Callable[[], str | None]
"""Says why the process should get no requests now; None when it should."""
Remark = Callable[[], str | None]
"""Says what is not as it should be although the process does its work; None when all is."""
NotAliveReason = Callable[[], str | None]
"""Says why the process should be ended and started anew; None when it should not."""


DescribePolicy = Callable[[], bytes]
"""The policy in force and what is wrong with its file, as JSON."""


def probe_application(
    registry: CollectorRegistry,
    readiness: Sequence[NotReadyReason],
    describe_policy: DescribePolicy,
    *,
    remarks: Sequence[Remark] = (),
    liveness: Sequence[NotAliveReason] = (),
) -> web.Application:
    probes = _Probes(registry, readiness, describe_policy, remarks, liveness)
    application = web.Application()
    application.router.add_get("/livez", probes.live)
    application.router.add_get("/readyz", probes.ready)
    application.router.add_get("/metrics", probes.metrics)
    application.router.add_get("/policy", probes.policy)
    return application


class _Probes:
    def __init__(
        self,
        registry: CollectorRegistry,
        readiness: Sequence[NotReadyReason],
        describe_policy: DescribePolicy,
        remarks: Sequence[Remark],
        liveness: Sequence[NotAliveReason],
    ) -> None:
        self._registry = registry
        self._readiness = readiness
        self._describe_policy = describe_policy
        self._remarks = remarks
        self._liveness = liveness

    async def live(self, _: web.Request) -> web.Response:
        """Nothing outside the process counts: starting it anew would not bring the API server back."""
        reasons = _said(self._liveness)
        if reasons:
            return web.Response(status=503, text="".join(f"not alive: {reason}\n" for reason in reasons))
        return web.Response(text="ok\n")

    async def ready(self, _: web.Request) -> web.Response:
        reasons = _said(self._readiness)
        if reasons:
            return web.Response(status=503, text="".join(f"not ready: {reason}\n" for reason in reasons))
        return web.Response(text="".join(("ok\n", *(f"but: {remark}\n" for remark in _said(self._remarks)))))

    async def metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def policy(self, _: web.Request) -> web.Response:
        return web.Response(body=self._describe_policy(), content_type="application/json")


def _said(checks: Sequence[Callable[[], str | None]]) -> list[str]:
    return [reason for check in checks if (reason := check()) is not None]
