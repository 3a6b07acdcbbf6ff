from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from certs.authority import authority_from, new_authority, renewed
from certs.keeper import CHECK_SECONDS, PROPAGATION, RETRY_SECONDS, CertificateKeeper
from certs.leaf import Leaf
from certs.self_managed import SelfManaged
from certs.source import Trouble
from tests.support.authorities import Callers, MemoryStore, Told, WallClock

START = datetime(2026, 1, 2, tzinfo=UTC)
NAMES = ("snapgate-webhook.snapgate-system.svc",)


class Installation:
    """One keeper, and everything around it that a test may turn."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.callers = Callers()
        self.clock = WallClock(START)
        self.told = Told()
        self.keeper = CertificateKeeper(
            SelfManaged(self.store, NAMES, chance=random.Random(1)),
            self.callers,
            NAMES,
            clock=self.clock,
            observer=self.told,
            pause=self._pause,
        )
        self.pauses: list[float] = []

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == 2:
            raise asyncio.CancelledError
        self.callers.unreachable = False

    @property
    def leaf(self) -> Leaf:
        leaf = self.keeper.serving.leaf
        assert isinstance(leaf, Leaf)
        return leaf

    @property
    def serial_number(self) -> int:
        return self.leaf.certificate.serial_number


async def test_first_process_creates_the_authority_and_tells_the_callers() -> None:
    installation = Installation()
    assert installation.keeper.not_ready_reason() is not None
    assert await installation.keeper.check()
    assert installation.store.data is not None
    assert installation.callers.bundle == installation.store.data["ca.crt"]
    assert installation.keeper.not_ready_reason() is None


async def test_later_process_takes_the_authority_that_is_there() -> None:
    data = new_authority("ca", START).to_data()
    installation = Installation(MemoryStore(data))
    assert await installation.keeper.check()
    assert (installation.store.data, installation.store.writes) == (data, 0)


async def test_process_that_loses_the_race_takes_the_winners_authority() -> None:
    winners = new_authority("ca", START).to_data()
    installation = Installation(MemoryStore(rival=winners))
    assert await installation.keeper.check()
    assert installation.store.writes == 0
    assert installation.callers.bundle == winners["ca.crt"]


async def test_secret_that_was_prepared_without_data_is_filled() -> None:
    installation = Installation(MemoryStore({}))
    assert await installation.keeper.check()
    assert installation.store.data
    assert authority_from(installation.store.data)


async def test_authority_past_two_thirds_of_its_life_is_renewed_under_its_own_key() -> None:
    old = new_authority("ca", START - timedelta(days=300))
    installation = Installation(MemoryStore(old.to_data()))
    assert await installation.keeper.check()
    assert installation.store.data is not None
    fresh = authority_from(installation.store.data)
    assert fresh.certificate.not_valid_after_utc > old.certificate.not_valid_after_utc
    assert fresh.private_key.public_key() == old.private_key.public_key()


async def test_leaf_stays_until_it_is_due() -> None:
    installation = Installation()
    await installation.keeper.check()
    first = installation.serial_number
    installation.clock.advance(timedelta(days=4))
    await installation.keeper.check()
    assert installation.serial_number == first
    installation.clock.advance(timedelta(days=1))
    await installation.keeper.check()
    assert installation.serial_number != first


DAMAGE = pytest.mark.parametrize("damage", [{"ca.crt": b"text", "ca.key": b"text"}, None])


def damaged(installation: Installation, damage: dict[str, bytes] | None) -> None:
    """What is in the Secret, or that it cannot be read."""
    installation.store.broken = damage is None
    installation.store.data = damage or installation.store.data


async def test_authority_that_is_not_valid_yet_does_not_take_the_place_of_one_that_is() -> None:
    installation = Installation()
    await installation.keeper.check()
    first = installation.serial_number
    installation.store.data = new_authority("early", installation.clock() + timedelta(days=5)).to_data()
    assert not await installation.keeper.check()
    assert installation.serial_number == first
    assert "not valid before" in str(installation.keeper.remark())


async def test_a_defect_of_ours_leaves_the_last_good_certificate_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    installation = Installation()
    await installation.keeper.check()
    first = installation.serial_number

    async def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(installation.store, "read", broken)
    assert not await installation.keeper.check()
    assert installation.serial_number == first
    assert installation.told.troubles == [Trouble.SOURCE]
    assert installation.keeper.not_ready_reason() is None


@DAMAGE
async def test_broken_secret_is_complained_of_while_the_last_good_authority_goes_on(
    damage: dict[str, bytes] | None,
) -> None:
    installation = Installation()
    await installation.keeper.check()
    first, bundle = installation.serial_number, installation.callers.bundle
    damaged(installation, damage)
    installation.callers.bundle = None
    assert not await installation.keeper.check()
    assert installation.told.troubles == [Trouble.SOURCE]
    assert installation.keeper.remark() is not None
    assert installation.keeper.not_ready_reason() is None
    assert (installation.serial_number, installation.callers.bundle) == (first, bundle)


@DAMAGE
async def test_leaf_is_renewed_also_while_the_secret_is_broken(damage: dict[str, bytes] | None) -> None:
    installation = Installation()
    await installation.keeper.check()
    first = installation.serial_number
    damaged(installation, damage)
    installation.clock.advance(timedelta(days=5))
    assert not await installation.keeper.check()
    assert installation.serial_number != first
    assert installation.told.ends == installation.leaf.not_after


async def test_secret_that_is_in_order_again_ends_the_complaint() -> None:
    installation = Installation()
    await installation.keeper.check()
    installation.store.broken = True
    await installation.keeper.check()
    installation.store.broken = False
    assert await installation.keeper.check()
    assert installation.keeper.remark() is None


async def test_authority_that_another_replica_renewed_is_told_and_the_leaf_stays() -> None:
    installation = Installation()
    await installation.keeper.check()
    first = installation.serial_number
    installation.clock.advance(timedelta(hours=1))
    fresh = renewed(authority_from(installation.store.stored), installation.clock())
    installation.store.data = fresh.to_data()
    assert await installation.keeper.check()
    assert installation.callers.bundle == fresh.certificate_pem
    assert installation.serial_number == first


async def test_leaf_of_another_authority_is_served_when_the_callers_have_had_time_to_learn_of_it() -> None:
    installation = Installation()
    await installation.keeper.check()
    old = installation.serial_number
    installation.store.data = None
    installation.clock.advance(timedelta(minutes=1))
    assert await installation.keeper.check()
    new = authority_from(installation.store.stored)
    assert installation.callers.bundle == new.certificate_pem
    assert installation.serial_number == old
    installation.clock.advance(PROPAGATION)
    assert await installation.keeper.check()
    assert installation.serial_number != old
    assert installation.leaf.is_signed_by(new)


async def test_leaf_of_another_authority_is_not_served_while_the_callers_cannot_be_told() -> None:
    installation = Installation()
    await installation.keeper.check()
    old = installation.serial_number
    installation.store.data = None
    installation.callers.unreachable = True
    for _ in range(3):
        installation.clock.advance(timedelta(minutes=1))
        assert not await installation.keeper.check()
    assert installation.serial_number == old
    assert set(installation.told.troubles) == {Trouble.BUNDLE}


async def test_broken_secret_at_the_start_means_not_ready() -> None:
    installation = Installation(MemoryStore({"ca.crt": b"text", "ca.key": b"text"}))
    assert not await installation.keeper.check()
    reason = installation.keeper.not_ready_reason()
    assert reason is not None
    assert reason.startswith("no valid serving certificate; not PEM")


async def test_ends_of_leaf_and_authority_are_told() -> None:
    installation = Installation()
    await installation.keeper.check()
    assert installation.told.ends == START + timedelta(days=7)
    assert installation.told.authority_ends == START + timedelta(days=365)


async def test_process_is_not_ready_when_its_leaf_has_ended() -> None:
    installation = Installation()
    await installation.keeper.check()
    installation.clock.advance(timedelta(days=7))
    assert installation.keeper.not_ready_reason() == "no valid serving certificate"


async def test_bundle_that_someone_removed_is_put_back() -> None:
    installation = Installation()
    await installation.keeper.check()
    installation.callers.bundle = None
    await installation.keeper.check()
    assert installation.callers.bundle is not None


async def test_what_failed_is_tried_again_soon_and_then_each_minute() -> None:
    installation = Installation()
    installation.callers.unreachable = True
    with pytest.raises(asyncio.CancelledError):
        await installation.keeper.run()
    assert installation.pauses == [RETRY_SECONDS, CHECK_SECONDS]
    assert installation.keeper.not_ready_reason() is None
