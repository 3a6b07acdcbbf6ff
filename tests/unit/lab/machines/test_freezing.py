from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.machines import freezing
from lab.machines.freezing import AlreadyFrozenError, Freezes
from lab.machines.guest_log import GuestEvent, GuestLog, GuestRecord, read_guest_log
from lab.machines.refusal import internal_error

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
    assert freezes.expired() == ["uid"]


def test_freeze_without_a_timeout_lasts(tmp_path: Path, clock: Clock) -> None:
    freezes = freezes_in(tmp_path, clock)
    freezes.freeze("uid", "default", "vm", timedelta())
    clock.now += timedelta(days=365)
    assert freezes.expired() == []


def test_frozen_guest_is_still_frozen_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    freezes_in(tmp_path, clock).freeze("uid", "default", "vm", timedelta(seconds=5))
    assert freezes_in(tmp_path, clock).is_frozen("uid")


def test_deadline_that_passed_during_a_restart_thaws(tmp_path: Path, clock: Clock) -> None:
    freezes_in(tmp_path, clock).freeze("uid", "default", "vm", timedelta(seconds=5))
    clock.now += timedelta(seconds=6)
    assert freezes_in(tmp_path, clock).expired() == ["uid"]


def test_thawing_what_is_not_frozen_does_and_records_nothing(tmp_path: Path, clock: Clock) -> None:
    freezes_in(tmp_path, clock).thaw("uid")
    assert events(tmp_path) == []


@dataclass
class Deadlines:
    """Freezes whose deadlines are watched, and guests that thaw as often as they are told to answer."""

    freezes: Freezes
    noted: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    mute: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def thaw(self, uid: str) -> None:
        self.asked.append(uid)
        if uid in self.mute:
            raise internal_error("guest agent is not connected")

    async def next(self) -> str:
        """The name of the machine that was frozen or thawed next."""
        async with asyncio.timeout(30):
            return await self.noted.get()


@pytest.fixture
async def deadlines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deadlines]:
    monkeypatch.setattr(freezing, "RETRY_SECONDS", 0.01)
    log = GuestLog(tmp_path / "log.jsonl")
    noted: asyncio.Queue[str] = asyncio.Queue()
    freezes = Freezes(
        tmp_path / "frozen.json", log, lambda: datetime.now(UTC), lambda _namespace, name: noted.put_nowait(name)
    )
    watched = Deadlines(freezes, noted)
    running = asyncio.create_task(freezes.run(watched.thaw))
    yield watched
    running.cancel()


async def test_deadline_thaws_by_itself(deadlines: Deadlines, tmp_path: Path) -> None:
    deadlines.freezes.freeze("uid", "default", "vm", timedelta(milliseconds=20))
    assert [await deadlines.next(), await deadlines.next()] == ["vm", "vm"]
    assert events(tmp_path) == [GuestEvent.FROZEN, GuestEvent.AUTO_THAWED]
    assert deadlines.asked == ["uid"]


async def test_guest_that_does_not_answer_stays_noted_as_frozen_and_holds_no_other_up(deadlines: Deadlines) -> None:
    deadlines.mute.add("mute")
    deadlines.freezes.freeze("mute", "default", "mute-vm", timedelta(milliseconds=1))
    deadlines.freezes.freeze("uid", "default", "vm", timedelta(milliseconds=20))
    assert [await deadlines.next() for _ in range(3)] == ["mute-vm", "vm", "vm"]
    assert deadlines.freezes.uids() == ["mute"]


async def test_guest_is_asked_again_until_it_answers(deadlines: Deadlines) -> None:
    deadlines.mute.add("uid")
    deadlines.freezes.freeze("uid", "default", "vm", timedelta(milliseconds=1))
    await deadlines.next()
    async with asyncio.timeout(30):
        while not deadlines.asked:  # noqa: ASYNC110 - nothing announces a refusal
            await asyncio.sleep(0.001)
    deadlines.mute.clear()
    await deadlines.next()
    assert not deadlines.freezes.is_frozen("uid")
    assert len(deadlines.asked) > 1
