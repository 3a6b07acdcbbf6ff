"""The self-signed authority that signs serving certificates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from certs.reading import UNREADABLE, CertificateError, read_certificates
from certs.validity import BACKDATED, two_thirds_over

CERTIFICATE_KEY: Final = "ca.crt"
PRIVATE_KEY_KEY: Final = "ca.key"
LIFETIME: Final = timedelta(days=365)


class AuthorityError(Exception):
    """What is stored is no usable authority. The message says why."""


@dataclass(frozen=True, slots=True)
class Authority:
    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def to_data(self) -> dict[str, bytes]:
        """As it is kept in a Secret."""
        key = self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return {CERTIFICATE_KEY: self.certificate_pem, PRIVATE_KEY_KEY: key}


def authority_from(data: Mapping[str, bytes]) -> Authority:
    """Raises AuthorityError."""
    missing = [key for key in (CERTIFICATE_KEY, PRIVATE_KEY_KEY) if not data.get(key)]
    if missing:
        raise AuthorityError(f"{' and '.join(missing)} not there")
    try:
        certificate, *_ = read_certificates(data[CERTIFICATE_KEY])
        key = load_pem_private_key(data[PRIVATE_KEY_KEY], password=None)
    except (CertificateError, *UNREADABLE) as error:
        raise AuthorityError(f"not PEM, or damaged: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError(f"{PRIVATE_KEY_KEY} is not an EC key")
    if key.public_key() != certificate.public_key():
        raise AuthorityError(f"{CERTIFICATE_KEY} and {PRIVATE_KEY_KEY} do not belong together")
    if not _is_authority(certificate):
        raise AuthorityError(f"{CERTIFICATE_KEY} is no certificate of an authority: nobody trusts what it signs")
    return Authority(certificate, key)


def new_authority(common_name: str, now: datetime) -> Authority:
    """P-256: it signs forty times as fast as P-384, and every new connection costs a signature."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    return _certified(ec.generate_private_key(ec.SECP256R1()), name, now)


def renewed(authority: Authority, now: datetime) -> Authority:
    """The same key and name for another lifetime: old and new leaves are trusted under either certificate."""
    return _certified(authority.private_key, authority.certificate.subject, now)


def authority_must_be_renewed(authority: Authority, now: datetime) -> str | None:
    """Why it must be; None when it need not."""
    certificate = authority.certificate
    if two_thirds_over(certificate.not_valid_before_utc, certificate.not_valid_after_utc, now):
        return f"two thirds of its life are over; it ends {certificate.not_valid_after_utc:%Y-%m-%d}"
    return None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _certified(key: ec.EllipticCurvePrivateKey, name: x509.Name, now: datetime) -> Authority:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_MAY_SIGN, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


_MAY_SIGN: Final = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
