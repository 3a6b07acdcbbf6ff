"""What the reconciler counts."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

RESULTS: Final = ("ok", "conflict", "error")


class ReconcilerMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._passes = Counter(
            "snapgate_reconcile_passes", "Passes by kind and result", ["kind", "result"], registry=registry
        )
        self._frozen = Histogram(
            "snapgate_guest_frozen_seconds",
            "For how long guests were kept frozen, from the request to the thaw",
            buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60),
            registry=registry,
        )

        self._restores_undone = Counter(
            "snapgate_restores_undone",
            "Restores after which a machine was as it was before",
            registry=registry,
        )
        self._leader = Gauge("snapgate_leader", "Whether this process acts (1) or stands by (0)", registry=registry)

    def leading(self, leading: bool) -> None:
        self._leader.set(leading)

    def expect(self, kind: str) -> None:
        """Have its counters start at zero, so that rate() works from the first scrape."""
        for result in RESULTS:
            self._passes.labels(kind, result)

    def passed(self, kind: str, result: str) -> None:
        """`result` is one of RESULTS."""
        self._passes.labels(kind, result).inc()

    def restore_undone(self) -> None:
        self._restores_undone.inc()

    def thawed(self, seconds: float) -> None:
        self._frozen.observe(seconds)
