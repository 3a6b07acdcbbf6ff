"""What a TLS server can serve, wherever it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from cryptography import x509


class Servable(Protocol):
    """A certificate with its key, and with what leads from it to an authority."""

    @property
    def certificate(self) -> x509.Certificate: ...

    @property
    def pem(self) -> bytes:
        """Key, certificate and intermediate certificates, as OpenSSL loads them from one file."""
        ...


def dns_names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.value.get_values_for_type(x509.DNSName))


def not_covered(certificate: x509.Certificate, wanted: Iterable[str]) -> list[str]:
    """The names that a caller would not accept this certificate for."""
    offered = dns_names(certificate)
    return [name for name in wanted if not any(_matches(each, name) for each in offered)]


def is_valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc


def _matches(pattern: str, name: str) -> bool:
    """A wildcard stands for one whole first label (RFC 9525, 6.3; Go's crypto/x509 likewise)."""
    pattern, name = pattern.lower(), name.lower()
    if not pattern.startswith("*."):
        return pattern == name
    _, _, rest = name.partition(".")
    return rest == pattern[2:]
