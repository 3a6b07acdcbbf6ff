"""Whom callers should trust while replicas move from one authority to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs.reading import CertificateError, read_certificates
from certs.servable import is_valid

OVERLAP: Final = timedelta(minutes=15)
"""Every replica has read the new authority long before: a Secret each minute, a mounted one within two."""


class Overlap:
    """Leaves in a bundle what another replica may still need, for a while.

    Replicas do not change over at one moment: one that knew only its own authority would, by telling the callers,
    take away the other's. So what is already trusted stays until this process has seen it for OVERLAP.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seen: dict[bytes, datetime] = {}

    def bundle(self, present: bytes, ours: bytes) -> bytes:
        """What the callers should trust who trust `present` now: the same bytes when that is well.

        Raises ValueError when `ours` holds no PEM certificates.
        """
        now = self._clock()
        wanted = x509.load_pem_x509_certificates(ours)
        trusted = _certificates(present)
        others = [each for each in trusted if not _standing_for(each, wanted)]
        self._note(others, now)
        kept = [each for each in others if self._may_stay(each, now)]
        newest = [max([each, *_standing_for(each, trusted)], key=_end) for each in wanted]
        if len(kept) == len(others) and set(newest) <= set(trusted):
            return present
        return b"".join(each.public_bytes(Encoding.PEM) for each in (*newest, *kept))

    def _note(self, others: Sequence[x509.Certificate], now: datetime) -> None:
        """One that goes and comes again is new: somebody needs it."""
        self._seen = {(mark := _mark(each)): self._seen.get(mark, now) for each in others}

    def _may_stay(self, certificate: x509.Certificate, now: datetime) -> bool:
        return is_valid(certificate, now) and now - self._seen[_mark(certificate)] < OVERLAP


def _certificates(pem: bytes) -> list[x509.Certificate]:
    """None in what someone else put there and nobody can read."""
    try:
        return read_certificates(pem)
    except CertificateError:
        return []


def _standing_for(certificate: x509.Certificate, among: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Those of the same name and key: a renewed authority vouches for the same leaves as before, and the reverse."""
    return [each for each in among if _identity(each) == _identity(certificate)]


def _end(certificate: x509.Certificate) -> datetime:
    return certificate.not_valid_after_utc


def _identity(certificate: x509.Certificate) -> tuple[bytes, bytes]:
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return certificate.subject.public_bytes(), key


def _mark(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(hashes.SHA256())
