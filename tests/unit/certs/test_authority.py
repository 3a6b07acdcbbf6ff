from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.verification import PolicyBuilder, Store

from certs.authority import (
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
    ],
)
def test_damaged_authority_is_no_authority(data: dict[str, bytes]) -> None:
    with pytest.raises(AuthorityError):
        authority_from(data)
