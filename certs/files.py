"""A certificate that others keep, in files that change under us: a mounted Secret."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509

from certs.handshake import NotTrustedError, check_trust
from certs.reading import CertificateError, read_certificates
from certs.servable import is_valid, not_covered
from certs.serving_context import LeafError, context_with
from certs.source import Offer, SourceError

CERTIFICATE: Final = "tls.crt"
PRIVATE_KEY: Final = "tls.key"
AUTHORITY: Final = "ca.crt"
_READS: Final = 5

_log = structlog.get_logger()


class FilesError(Exception):
    """What is in the files cannot be served. The message says why."""


@dataclass(frozen=True, slots=True)
class FileCertificate:
    """A Servable."""

    certificate: x509.Certificate
    pem: bytes


@dataclass(frozen=True, slots=True)
class _Content:
    certificate: bytes
    private_key: bytes
    authority: bytes
    """Empty where there is none."""


class CertificateFiles:
    """A CertificateSource over `tls.crt`, `tls.key` and, where there is one, `ca.crt`. Offers what was good last.

    The files are read each time: a kubelet renews a mounted Secret by swapping a symbolic link, which a watch of the
    files themselves would not see.
    """

    def __init__(self, directory: Path, dns_names: Sequence[str]) -> None:
        self._directory = directory
        self._dns_names = tuple(dns_names)
        self._content: _Content | None = None
        self._good: Offer | None = None

    async def offer(self, now: datetime) -> Offer:
        try:
            content = await asyncio.to_thread(_read, self._directory)
            if content != self._content or self._good is None:
                self._good = _checked(content, self._dns_names, now)
                self._content = content
                _log.info("read a new certificate", directory=str(self._directory))
        except FilesError as error:
            reason = f"{self._directory}: {error}"
            if self._good is None:
                raise SourceError(reason) from error
            return replace(self._good, trouble=reason)
        return self._good


def _read(directory: Path) -> _Content:
    """Twice the same: between two reads the whole directory may be swapped."""
    content = _read_once(directory)
    for _ in range(_READS):
        again = _read_once(directory)
        if again == content:
            return content
        content = again
    raise FilesError("the files change faster than they can be read")


def _read_once(directory: Path) -> _Content:
    try:
        certificate, private_key = ((directory / name).read_bytes() for name in (CERTIFICATE, PRIVATE_KEY))
        authority = directory / AUTHORITY
        return _Content(certificate, private_key, authority.read_bytes() if authority.exists() else b"")
    except OSError as error:
        raise FilesError(f"{Path(error.filename or '').name}: {error.strerror}") from error


def _checked(content: _Content, names: Sequence[str], now: datetime) -> Offer:
    try:
        certificate, *_ = read_certificates(content.certificate)
    except CertificateError as error:
        raise FilesError(f"{CERTIFICATE} holds no PEM certificate, or a damaged one: {error}") from error
    missing = not_covered(certificate, names)
    if missing:
        raise FilesError(f"{CERTIFICATE} is not for {', '.join(missing)}")
    if not is_valid(certificate, now):
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        raise FilesError(f"{CERTIFICATE} is valid from {start} to {end}, not now ({now})")
    pair = FileCertificate(certificate, content.private_key.rstrip() + b"\n" + content.certificate)
    _check_as_caller(pair, content, names)
    return Offer(pair, content.authority or None, _end_of(content.authority))


def _check_as_caller(pair: FileCertificate, content: _Content, names: Sequence[str]) -> None:
    try:
        context = context_with(pair)
    except LeafError as error:
        raise FilesError(f"{PRIVATE_KEY} and {CERTIFICATE}: {error}") from error
    if not content.authority:
        return
    try:
        for name in names:
            check_trust(context, content.authority.decode("ascii", "replace"), name)
    except NotTrustedError as error:
        raise FilesError(f"{CERTIFICATE} is not trusted by who trusts {AUTHORITY}: {error}") from error


def _end_of(authorities: bytes) -> datetime | None:
    """Of the one that ends last: while an authority is replaced, a bundle holds both. Raises FilesError."""
    if not authorities:
        return None
    try:
        return max(each.not_valid_after_utc for each in read_certificates(authorities))
    except CertificateError as error:
        raise FilesError(f"{AUTHORITY} holds no PEM certificates, or a damaged one: {error}") from error
