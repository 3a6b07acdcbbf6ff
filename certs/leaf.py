"""The serving certificate of one process. Its key never leaves memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.authority import Authority
from certs.servable import dns_names
from certs.validity import BACKDATED, two_thirds_over

LIFETIME: Final = timedelta(days=7)
_MAX_COMMON_NAME: Final = 64
"""X.520 ub-common-name. Who checks the name reads the SAN."""


@dataclass(frozen=True, slots=True)
class Leaf:
    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey
    head_start: timedelta = timedelta(0)
    """How much sooner than the others this one is renewed, so that replicas do not all do it at once."""

    @property
    def pem(self) -> bytes:
        """Key and certificate, as OpenSSL loads them from one file."""
        key = self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + self.certificate.public_bytes(Encoding.PEM)

    @property
    def dns_names(self) -> tuple[str, ...]:
        return dns_names(self.certificate)

    def is_signed_by(self, authority: Authority) -> bool:
        """Also by an earlier certificate of the same authority: its key is what counts."""
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key())
        signer = self.certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        return signer.key_identifier == identifier.key_identifier

    @property
    def not_after(self) -> datetime:
        return self.certificate.not_valid_after_utc


def service_names(service: str, namespace: str) -> tuple[str, str]:
    """The API server asks for exactly the first of them (admissionregistration/v1, ServiceReference)."""
    return f"{service}.{namespace}.svc", f"{service}.{namespace}.svc.cluster.local"


def sign_leaf(
    authority: Authority,
    names: Sequence[str],
    now: datetime,
    *,
    lifetime: timedelta = LIFETIME,
    head_start: timedelta = timedelta(0),
) -> Leaf:
    """A new key, signed. It ends with the authority at the latest."""
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:_MAX_COMMON_NAME])]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(min(now + lifetime, authority.certificate.not_valid_after_utc))
        .add_extension(alternatives, critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(issuer_key, critical=False)
        .sign(authority.private_key, hashes.SHA256())
    )
    return Leaf(certificate, key, head_start)


def leaf_must_be_renewed(leaf: Leaf, now: datetime) -> str | None:
    """Why it must be; None when it need not. `now` is the wall clock: others stop while a machine is suspended."""
    if now >= leaf.not_after:
        return f"it ended {leaf.not_after:%Y-%m-%d %H:%M} UTC"
    if now < leaf.certificate.not_valid_before_utc:
        return "it is not valid yet: the clock was set back"
    if two_thirds_over(leaf.certificate.not_valid_before_utc, leaf.not_after, now + leaf.head_start):
        return f"two thirds of its life are over; it ends {leaf.not_after:%Y-%m-%d %H:%M} UTC"
    return None
