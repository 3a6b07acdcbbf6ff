"""What is known of the serving certificate, for Prometheus."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from certs.source import Trouble


class CertificateMetrics:
    """A CertificateObserver."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._expiry = Gauge(
            "snapgate_tls_certificate_expiry_timestamp_seconds",
            "When the certificate that is served, and the authority behind it, end (Unix time).",
            ("certificate",),
            registry=registry,
        )
        self._failures = Counter(
            "snapgate_tls_certificate_failures",
            "Checks that found the certificate's source, the certificate or the callers' bundle not in order.",
            ("trouble",),
            registry=registry,
        )
        for trouble in Trouble:
            self._failures.labels(trouble)

    def serving(self, ends: datetime, authority_ends: datetime | None) -> None:
        """No sample where nothing is known: a time of 0 would read as an end long ago."""
        self._expiry.labels("leaf").set(ends.timestamp())
        if authority_ends is not None:
            self._expiry.labels("authority").set(authority_ends.timestamp())

    def failed(self, trouble: Trouble) -> None:
        self._failures.labels(trouble).inc()
