"""Keeps a server in possession of a certificate that its callers trust."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from certs.bundle import BundleError, BundleInjector
from certs.servable import Servable, is_valid
from certs.serving_context import LeafError, ServingContext
from certs.source import CertificateSource, Offer, SourceError, Trouble

CHECK_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 2.0
PROPAGATION: Final = timedelta(seconds=10)
"""From the callers being told of another authority to a certificate of it: an API server needs "a few seconds" to
honour a new configuration (Kubernetes, Dynamic Admission Control)."""

_log = structlog.get_logger()

Clock = Callable[[], datetime]
Pause = Callable[[float], Awaitable[None]]


class CertificateObserver(Protocol):
    """Hears what an operator should know."""

    def serving(self, ends: datetime, authority_ends: datetime | None) -> None: ...

    def failed(self, trouble: Trouble) -> None: ...


class CertificateKeeper:
    """One per process. What fails is logged and tried again; a certificate that is being served stays until then."""

    def __init__(
        self,
        source: CertificateSource,
        injector: BundleInjector | None,
        dns_names: Sequence[str],
        *,
        clock: Clock,
        observer: CertificateObserver,
        pause: Pause = asyncio.sleep,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        """`injector` is None where others tell the callers whom to trust."""
        self.serving = ServingContext()
        self._source = source
        self._injector = injector
        self._dns_names = tuple(dns_names)
        self._clock = clock
        self._observer = observer
        self._pause = pause
        self._check_seconds = check_seconds
        self._offer: Offer | None = None
        self._told: bytes | None = None
        self._told_at: datetime | None = None
        self._troubles: tuple[str, ...] = ()

    async def run(self) -> None:
        """Check the wall clock and the source, for ever; cancel to stop."""
        while True:
            healthy = await self.check()
            await self._pause(self._check_seconds if healthy else RETRY_SECONDS)

    def not_ready_reason(self) -> str | None:
        """Why nobody should call yet; None when the certificate is served and its callers were told whom to trust."""
        leaf = self.serving.leaf
        if leaf is None or leaf.certificate.not_valid_after_utc <= self._clock():
            return "; ".join(("no valid serving certificate", *self._troubles))
        if self._told is None and self._has_to_tell():
            return "; ".join(("the callers have not been told which authority to trust", *self._troubles))
        return None

    def remark(self) -> str | None:
        """What is wrong although the process is ready; None when nothing is."""
        return "; ".join(self._troubles) or None

    async def check(self) -> bool:
        """Serve what the source has, and put the bundle back where someone removed it. False when something failed."""
        now = self._clock()
        found: list[tuple[Trouble, str]] = []
        try:
            self._offer = await self._source.offer(now)
            if self._offer.trouble is not None:
                found.append((Trouble.SOURCE, self._offer.trouble))
        except SourceError as error:
            found.append((Trouble.SOURCE, str(error)))
        except Exception as error:  # noqa: BLE001 - every replica meets a defect, and what is served must not end with them
            _log.exception("certificates could not be looked at")
            found.append((Trouble.SOURCE, f"this met a defect of Snapgate: {type(error).__name__}"))
        if self._offer is not None:
            found += await self._tell(self._offer, now)
            found += self._serve(self._offer, now)
        self._report(found)
        return not found

    def _has_to_tell(self) -> bool:
        return self._injector is not None and self._offer is not None and self._offer.bundle_pem is not None

    async def _tell(self, offer: Offer, now: datetime) -> list[tuple[Trouble, str]]:
        if self._injector is None or offer.bundle_pem is None:
            return []
        try:
            await self._injector.inject(offer.bundle_pem)
        except BundleError as error:
            return [(Trouble.BUNDLE, str(error))]
        if self._told != offer.bundle_pem:
            self._told, self._told_at = offer.bundle_pem, now
        return []

    def _serve(self, offer: Offer, now: datetime) -> list[tuple[Trouble, str]]:
        present = self.serving.leaf
        if offer.pair is present or self._must_wait(present, offer, now):
            return []
        try:
            self.serving.use(offer.pair, self._dns_names, now)
        except LeafError as error:
            return [(Trouble.CERTIFICATE, f"the new certificate is not served: {error}")]
        certificate = offer.pair.certificate
        _log.info("serving a new certificate", ends=certificate.not_valid_after_utc.isoformat())
        return []

    def _must_wait(self, present: Servable | None, offer: Offer, now: datetime) -> bool:
        """Whether callers may not know yet whom to trust for it, and trust the present one until then."""
        if present is None or not is_valid(present.certificate, now) or not self._has_to_tell():
            return False
        if self._told != offer.bundle_pem or self._told_at is None:
            return True
        return now - self._told_at < PROPAGATION

    def _report(self, found: Sequence[tuple[Trouble, str]]) -> None:
        leaf = self.serving.leaf
        ends = leaf.certificate.not_valid_after_utc if leaf is not None else None
        if ends is not None:
            self._observer.serving(ends, self._offer.authority_ends if self._offer is not None else None)
        for trouble, reason in found:
            self._observer.failed(trouble)
            if reason not in self._troubles:
                until = ends.isoformat() if ends is not None else None
                _log.warning(
                    "certificates need attention", trouble=str(trouble), reason=reason, still_serving_until=until
                )
        if self._troubles and not found:
            _log.info("certificates are in order again")
        self._troubles = tuple(reason for _, reason in found)
