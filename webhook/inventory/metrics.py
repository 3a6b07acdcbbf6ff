"""What is known of the watches, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge

from webhook.kube.restarts import RESTART_REASONS


class InventoryMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._restarts = Counter(
            "snapgate_watch_restarts", "Watch streams that ended, by reason", ["kind", "reason"], registry=registry
        )
        self._objects = Gauge("snapgate_cache_objects", "Objects in the watch cache", ["kind"], registry=registry)
        self._undecodable = Gauge(
            "snapgate_undecodable_objects", "Objects that exist and do not decode", ["kind"], registry=registry
        )
        self._synced = Gauge(
            "snapgate_synced", "Whether the first list of the kind is complete", ["kind"], registry=registry
        )
        self._served = Gauge(
            "snapgate_kind_served",
            "Whether the API server serves the kind",
            ["kind"],
            registry=registry,
        )
        self._age = Gauge(
            "snapgate_last_event_age_seconds", "Time since a watch last said anything", ["kind"], registry=registry
        )

    def expose(
        self,
        kind: str,
        *,
        objects: Callable[[], float],
        undecodable: Callable[[], float],
        synced: Callable[[], float],
        served: Callable[[], float],
        age_seconds: Callable[[], float],
    ) -> None:
        """The values are read when the metrics are. What is counted starts at zero, so that rate() works at once."""
        self._objects.labels(kind).set_function(objects)
        self._undecodable.labels(kind).set_function(undecodable)
        self._synced.labels(kind).set_function(synced)
        self._served.labels(kind).set_function(served)
        self._age.labels(kind).set_function(age_seconds)
        for reason in RESTART_REASONS:
            self._restarts.labels(kind, reason)

    def restarted(self, kind: str, reason: str) -> None:
        self._restarts.labels(kind, reason).inc()
