"""What the validation service counts. Every label takes values of a closed set: none of them comes from a request."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from webhook.admission.judged import JUDGED
from webhook.validation.judgement import Outcome, Verdict

OTHER: Final = "other"
STATUSES: Final = (200, 400, 401, 403, 404, 405, 408, 413, 415, 500, 503, 504)
_KINDS: Final = (*dict.fromkeys(kind.name for kind in JUDGED.values()), OTHER)
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class ValidationMetrics:
    """Counters start at zero for every combination, so that rate() works from the first scrape."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "snapgate_validation_requests", "Calls of the validation service.", ("status",), registry=registry
        )
        self._verdicts = Counter(
            "snapgate_validation_verdicts", "Objects that it judged.", ("kind", "verdict"), registry=registry
        )
        self._duration = Histogram(
            "snapgate_validation_duration_seconds",
            "From the first byte of a call to its answer.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge("snapgate_validation_in_flight", "Calls being answered now.", registry=registry)
        for status in STATUSES:
            self._requests.labels(status)
        for kind, verdict in product(_KINDS, Verdict):
            self._verdicts.labels(kind, verdict)

    def answered(self, status: int, seconds: float, outcomes: Iterable[Outcome] = ()) -> None:
        self._requests.labels(status if status in STATUSES else OTHER).inc()
        self._duration.observe(seconds)
        for outcome in outcomes:
            kind = outcome.subject.kind
            self._verdicts.labels(kind if kind in _KINDS else OTHER, outcome.verdict).inc()
