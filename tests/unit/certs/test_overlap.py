from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from certs.authority import Authority, new_authority, renewed
from certs.overlap import OVERLAP, Overlap
from tests.support.authorities import WallClock

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OURS = new_authority("ours", NOW)
THEIRS = new_authority("theirs", NOW)
RENEWED = renewed(OURS, NOW + timedelta(days=1))


def pem(*authorities: Authority) -> bytes:
    return b"".join(each.certificate_pem for each in authorities)


def subjects(bundle: bytes) -> set[x509.Certificate]:
    return set(x509.load_pem_x509_certificates(bundle))


def certificates(*authorities: Authority) -> set[x509.Certificate]:
    return {each.certificate for each in authorities}


@pytest.fixture
def clock() -> WallClock:
    return WallClock(NOW + timedelta(days=2))


@pytest.fixture
def overlap(clock: WallClock) -> Overlap:
    return Overlap(clock)


@pytest.mark.parametrize("present", [b"", b"text", b"-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"])
def test_bundle_without_certificates_becomes_ours(overlap: Overlap, present: bytes) -> None:
    assert subjects(overlap.bundle(present, pem(OURS))) == certificates(OURS)


def test_bundle_that_is_ours_stays_as_it_is(overlap: Overlap) -> None:
    present = b"# a comment\n" + pem(OURS)
    assert overlap.bundle(present, pem(OURS)) == present


def test_authority_of_another_replica_stays_beside_ours_for_a_while(overlap: Overlap, clock: WallClock) -> None:
    both = overlap.bundle(pem(THEIRS), pem(OURS))
    assert subjects(both) == certificates(OURS, THEIRS)
    clock.advance(OVERLAP - timedelta(seconds=1))
    assert overlap.bundle(both, pem(OURS)) == both
    clock.advance(timedelta(seconds=1))
    assert subjects(overlap.bundle(both, pem(OURS))) == certificates(OURS)


def test_authority_that_is_put_back_gets_its_time_anew(overlap: Overlap, clock: WallClock) -> None:
    both = pem(OURS, THEIRS)
    overlap.bundle(both, pem(OURS))
    clock.advance(OVERLAP)
    overlap.bundle(overlap.bundle(both, pem(OURS)), pem(OURS))
    assert overlap.bundle(both, pem(OURS)) == both


def test_renewed_authority_takes_the_place_of_its_earlier_certificate(overlap: Overlap) -> None:
    assert subjects(overlap.bundle(pem(OURS), pem(RENEWED))) == certificates(RENEWED)


def test_replica_that_knows_only_the_earlier_certificate_leaves_the_renewed_one(overlap: Overlap) -> None:
    assert overlap.bundle(pem(RENEWED), pem(OURS)) == pem(RENEWED)


def test_authority_that_has_ended_does_not_stay(overlap: Overlap) -> None:
    ended = new_authority("ended", NOW - timedelta(days=400))
    assert subjects(overlap.bundle(pem(ended, OURS), pem(OURS))) == certificates(OURS)


def test_two_replicas_with_different_authorities_do_not_fight(clock: WallClock) -> None:
    first, second = Overlap(clock), Overlap(clock)
    bundle = b""
    for _ in range(3):
        bundle = first.bundle(bundle, pem(OURS))
        bundle = second.bundle(bundle, pem(THEIRS))
    settled = bundle
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        assert first.bundle(settled, pem(OURS)) == second.bundle(settled, pem(THEIRS)) == settled


def test_ours_that_is_no_pem_is_refused(overlap: Overlap) -> None:
    with pytest.raises(ValueError, match="PEM"):
        overlap.bundle(b"", b"text")
