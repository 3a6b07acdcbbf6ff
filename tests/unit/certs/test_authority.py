from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store
from hypothesis import given
from hypothesis import strategies as st

from certs.authority import (
    Authority,
    AuthorityError,
    authority_from,
    authority_must_be_renewed,
    new_authority,
    renewed,
)
from certs.leaf import sign_leaf

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_authority_is_a_p256_one_for_a_year() -> None:
    certificate = new_authority("ca", NOW).certificate
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert certificate.not_valid_after_utc - NOW == timedelta(days=365)


def test_authority_survives_being_stored() -> None:
    authority = new_authority("ca", NOW)
    assert authority_from(authority.to_data()).certificate == authority.certificate


def test_renewed_authority_vouches_for_leaves_of_the_old_and_the_old_for_its_own() -> None:
    old = new_authority("ca", NOW)
    fresh = renewed(old, NOW + timedelta(days=250))
    then = NOW + timedelta(days=251)
    assert fresh.certificate.serial_number != old.certificate.serial_number
    for trusted, signer in ((old, fresh), (fresh, old)):
        leaf = sign_leaf(signer, ["a.b.svc"], then)
        verifier = (
            PolicyBuilder()
            .store(Store([trusted.certificate]))
            .time(then)
            .build_server_verifier(x509.DNSName("a.b.svc"))
        )
        assert verifier.verify(leaf.certificate, [])


def test_authority_is_renewed_when_two_thirds_of_its_life_are_over() -> None:
    authority = new_authority("ca", NOW)
    assert authority_must_be_renewed(authority, NOW + timedelta(days=243)) is None
    assert authority_must_be_renewed(authority, NOW + timedelta(days=244)) is not None


GOOD = new_authority("ca", NOW).to_data()
OTHER = new_authority("ca", NOW).to_data()
RSA = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def of_an_unknown_curve(key: bytes) -> bytes:
    """One bit of the curve's identifier is another."""
    prime256v1 = bytes.fromhex("2a8648ce3d030107")
    der = base64.b64decode(b"".join(key.splitlines()[1:-1])).replace(prime256v1, prime256v1[:-1] + b"\x0f")
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END PRIVATE KEY-----\n"


LEAF = sign_leaf(new_authority("a", NOW), ["a.svc"], NOW)
NO_AUTHORITY = {"ca.crt": LEAF.certificate.public_bytes(Encoding.PEM), "ca.key": LEAF.pem}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"ca.crt": GOOD["ca.crt"]},
        {"ca.crt": GOOD["ca.crt"], "ca.key": b""},
        {"ca.crt": b"text", "ca.key": GOOD["ca.key"]},
        {"ca.crt": GOOD["ca.crt"][:200], "ca.key": GOOD["ca.key"]},
        {"ca.crt": GOOD["ca.crt"], "ca.key": GOOD["ca.key"][:60]},
        {"ca.crt": GOOD["ca.crt"], "ca.key": OTHER["ca.key"]},
        {"ca.crt": GOOD["ca.crt"], "ca.key": RSA},
        {"ca.crt": GOOD["ca.crt"], "ca.key": of_an_unknown_curve(GOOD["ca.key"])},
        NO_AUTHORITY,
    ],
)
def test_damaged_authority_is_no_authority(data: dict[str, bytes]) -> None:
    with pytest.raises(AuthorityError):
        authority_from(data)


# Of a serial number that is not positive cryptography only warns, as yet.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_byte_that_is_another_leaves_an_authority_or_none(position: int, change: int) -> None:
    der = bytearray(new_authority_der())
    der[position % len(der)] ^= change
    damaged = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(bytes(der)) + b"-----END CERTIFICATE-----\n"
    with suppress(AuthorityError):
        authority_from({"ca.crt": damaged, "ca.key": GOOD["ca.key"]})


def new_authority_der() -> bytes:
    return base64.b64decode(b"".join(GOOD["ca.crt"].splitlines()[1:-1]))


def test_renewed_authority_keeps_its_whole_name() -> None:
    authority = new_authority("a", NOW)
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "acme")])
    foreign = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    foreign = foreign.public_key(authority.private_key.public_key()).serial_number(1)
    foreign = foreign.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    given_to_us = Authority(foreign.sign(authority.private_key, hashes.SHA256()), authority.private_key)
    assert renewed(given_to_us, NOW).certificate.subject == name
