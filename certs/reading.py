"""Certificates that others wrote, read to their end.

cryptography reads most of a certificate only when it is asked for it, and says of each kind of damage in another way.
"""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What it raises for keys and certificates that are not what they should be."""


class CertificateError(Exception):
    """No certificates, or one that is damaged. The message says why."""


def read_certificates(pem: bytes) -> list[x509.Certificate]:
    """At least one. Raises CertificateError."""
    try:
        found = x509.load_pem_x509_certificates(pem)
        for each in found:
            _read_all_of(each)
    except UNREADABLE as error:
        raise CertificateError(str(error) or type(error).__name__) from error
    return found


def _read_all_of(certificate: x509.Certificate) -> None:
    certificate.public_key()
    certificate.subject.public_bytes()
    certificate.issuer.public_bytes()
    for _ in certificate.extensions:
        pass
    if certificate.not_valid_before_utc > certificate.not_valid_after_utc:
        raise CertificateError("it ends before it begins")
