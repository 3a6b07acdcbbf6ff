from __future__ import annotations

from datetime import UTC, datetime, timedelta

from certs.authority import new_authority
from certs.leaf import leaf_must_be_renewed, service_names, sign_leaf

NOW = datetime(2026, 1, 2, tzinfo=UTC)
AUTHORITY = new_authority("ca", NOW)
NAMES = service_names("snapgate-webhook", "snapgate-system")
LEAF = sign_leaf(AUTHORITY, NAMES, NOW)


def test_leaf_is_for_the_names_that_the_api_server_asks_for() -> None:
    assert LEAF.dns_names == (
        "snapgate-webhook.snapgate-system.svc",
        "snapgate-webhook.snapgate-system.svc.cluster.local",
    )


def test_leaf_lives_for_a_week_and_never_longer_than_its_authority() -> None:
    assert LEAF.not_after - NOW == timedelta(days=7)
    late = sign_leaf(AUTHORITY, NAMES, NOW + timedelta(days=364))
    assert late.not_after == AUTHORITY.certificate.not_valid_after_utc


def test_leaf_for_a_long_service_name_can_be_signed() -> None:
    names = service_names("s" * 63, "n" * 63)
    assert sign_leaf(AUTHORITY, names, NOW).dns_names == names


def test_leaf_is_renewed_when_two_thirds_of_its_life_are_over() -> None:
    assert leaf_must_be_renewed(LEAF, NOW + timedelta(days=4.6)) is None
    assert leaf_must_be_renewed(LEAF, NOW + timedelta(days=4.7)) == "two thirds of its life are over; it ends " + (
        "2026-01-09 00:00 UTC"
    )


def test_leaf_with_a_head_start_is_renewed_sooner() -> None:
    leaf = sign_leaf(AUTHORITY, NAMES, NOW, head_start=timedelta(hours=8))
    assert leaf_must_be_renewed(leaf, NOW + timedelta(days=4.4)) is not None


def test_leaf_is_renewed_when_it_has_ended() -> None:
    assert leaf_must_be_renewed(LEAF, NOW + timedelta(days=8)) == "it ended 2026-01-09 00:00 UTC"


def test_leaf_is_renewed_when_the_clock_was_set_back() -> None:
    assert leaf_must_be_renewed(LEAF, NOW - timedelta(days=1)) is not None
