from __future__ import annotations

import asyncio

import pytest

from tests.support.virtual_time import in_virtual_time, now
from webhook.app.alarm import SHORTEST_SECONDS, Alarm


@in_virtual_time
async def test_pause_ends_after_its_time() -> None:
    await Alarm().pause(60)
    assert now() == 60


@pytest.mark.parametrize(("rung_at", "ended_at"), [(20.0, 20.0), (0.1, SHORTEST_SECONDS)])
@in_virtual_time
async def test_pause_ends_when_rung_but_not_sooner_than_the_shortest(rung_at: float, ended_at: float) -> None:
    alarm = Alarm()
    asyncio.get_running_loop().call_later(rung_at, alarm.ring)
    await alarm.pause(60)
    assert now() == ended_at


@in_virtual_time
async def test_what_rang_between_two_pauses_is_not_missed_and_counts_once() -> None:
    alarm = Alarm()
    alarm.ring()
    alarm.ring()
    await alarm.pause(60)
    assert now() == SHORTEST_SECONDS
    await alarm.pause(60)
    assert now() == SHORTEST_SECONDS + 60


@in_virtual_time
async def test_pause_shorter_than_the_shortest_is_taken_as_it_is() -> None:
    await Alarm().pause(0.5)
    assert now() == 0.5
