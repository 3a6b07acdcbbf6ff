from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from certs.authority import authority_from, new_authority
from certs.keeper import CHECK_SECONDS, RETRY_SECONDS, CertificateKeeper
from tests.support.authorities import Callers, MemoryStore, WallClock

START = datetime(2026, 1, 2, tzinfo=UTC)
NAMES = ("snapgate-webhook.snapgate-system.svc",)


class Installation:
    """One keeper, and everything around it that a test may turn."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.callers = Callers()
        self.clock = WallClock(START)
        self.keeper = CertificateKeeper(
            self.store, self.callers, NAMES, clock=self.clock, chance=random.Random(1), pause=self._pause
        )
        self.pauses: list[float] = []

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == 2:
            raise asyncio.CancelledError
        self.callers.unreachable = False

    @property
    def serial_number(self) -> int:
        leaf = self.keeper.serving.leaf
        assert leaf is not None
        return leaf.certificate.serial_number


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


@pytest.mark.parametrize("damage", [{"ca.crt": b"text", "ca.key": b"text"}, None])
async def test_broken_secret_keeps_the_last_good_leaf(damage: dict[str, bytes] | None) -> None:
    installation = Installation()
    await installation.keeper.check()
    first = installation.serial_number
    installation.store.broken = damage is None
    installation.store.data = damage or installation.store.data
    installation.clock.advance(timedelta(days=5))
    assert not await installation.keeper.check()
    assert installation.serial_number == first
    assert installation.keeper.not_ready_reason() is None


async def test_broken_secret_at_the_start_means_not_ready() -> None:
    installation = Installation(MemoryStore({"ca.crt": b"text", "ca.key": b"text"}))
    assert not await installation.keeper.check()
    assert installation.keeper.not_ready_reason() == "no valid serving certificate"


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
