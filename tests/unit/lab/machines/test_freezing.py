from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.machines.freezing import AlreadyFrozenError, Freezes
from lab.machines.guest_log import GuestEvent, GuestLog, GuestRecord, read_guest_log

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def freezes_in(directory: Path, clock: Clock) -> Freezes:
    return Freezes(directory / "frozen.json", GuestLog(directory / "log.jsonl"), clock, lambda _namespace, _name: None)


def events(directory: Path) -> list[GuestEvent]:
    return [record.event for record in read_guest_log(directory / "log.jsonl")]


def test_thaw_records_how_long_the_guest_was_frozen(tmp_path: Path, clock: Clock) -> None:
    freezes = freezes_in(tmp_path, clock)
    freezes.freeze("uid", "default", "vm", timedelta())
    clock.now += timedelta(seconds=2)
    freezes.thaw("uid")
    assert read_guest_log(tmp_path / "log.jsonl") == [
        GuestRecord(START, "default", "vm", GuestEvent.FROZEN),
        GuestRecord(clock.now, "default", "vm", GuestEvent.THAWED, 2.0),
    ]


def test_second_freeze_is_refused_and_leaves_the_deadline(tmp_path: Path, clock: Clock) -> None:
    freezes = freezes_in(tmp_path, clock)
    freezes.freeze("uid", "default", "vm", timedelta(seconds=5))
    with pytest.raises(AlreadyFrozenError):
        freezes.freeze("uid", "default", "vm", timedelta(seconds=60))
    clock.now += timedelta(seconds=5)
    freezes.thaw_expired()
    assert not freezes.is_frozen("uid")


def test_freeze_without_a_timeout_lasts(tmp_path: Path, clock: Clock) -> None:
    freezes = freezes_in(tmp_path, clock)
    freezes.freeze("uid", "default", "vm", timedelta())
    clock.now += timedelta(days=365)
    freezes.thaw_expired()
    assert freezes.is_frozen("uid")


def test_frozen_guest_is_still_frozen_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    freezes_in(tmp_path, clock).freeze("uid", "default", "vm", timedelta(seconds=5))
    assert freezes_in(tmp_path, clock).is_frozen("uid")


def test_deadline_that_passed_during_a_restart_thaws(tmp_path: Path, clock: Clock) -> None:
    freezes_in(tmp_path, clock).freeze("uid", "default", "vm", timedelta(seconds=5))
    clock.now += timedelta(seconds=6)
    restarted = freezes_in(tmp_path, clock)
    restarted.thaw_expired()
    assert not restarted.is_frozen("uid")
    assert events(tmp_path) == [GuestEvent.FROZEN, GuestEvent.AUTO_THAWED]


def test_thawing_what_is_not_frozen_does_and_records_nothing(tmp_path: Path, clock: Clock) -> None:
    freezes_in(tmp_path, clock).thaw("uid")
    assert events(tmp_path) == []


async def test_deadline_thaws_by_itself(tmp_path: Path) -> None:
    thawed = asyncio.Event()

    def changed(_namespace: str, _name: str) -> None:
        if not freezes.is_frozen("uid"):
            thawed.set()

    log = GuestLog(tmp_path / "log.jsonl")
    freezes = Freezes(tmp_path / "frozen.json", log, lambda: datetime.now(UTC), changed)
    running = asyncio.create_task(freezes.run())
    freezes.freeze("uid", "default", "vm", timedelta(milliseconds=20))
    async with asyncio.timeout(5):
        await thawed.wait()
    running.cancel()
    assert events(tmp_path) == [GuestEvent.FROZEN, GuestEvent.AUTO_THAWED]
