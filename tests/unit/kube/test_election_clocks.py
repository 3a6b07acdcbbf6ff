from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import repeat

import pytest

from tests.support.candidate import EPOCH, Candidate, leader
from tests.support.lease_server import HANGS, PASSES, Fate, LeaseServer
from tests.support.virtual_time import in_virtual_time, now


@pytest.mark.parametrize("step_seconds", [-86400.0, 86400.0])
@in_virtual_time
async def test_steps_of_the_wall_clock_change_nothing(step_seconds: float) -> None:
    server = LeaseServer()

    def stepping(seconds: float) -> datetime:
        return EPOCH + timedelta(seconds=seconds + (step_seconds if seconds > 20 else 0.0))

    first = await leader(server, wall=stepping)
    second = Candidate(server, "b", wall=stepping)
    await asyncio.sleep(60)
    assert (len(first.worked), second.worked) == (1, [])


@in_virtual_time
async def test_a_wall_clock_that_stands_still_does_not_make_a_leader_look_dead() -> None:
    server = LeaseServer()
    await leader(server, wall=lambda _: EPOCH)
    second = Candidate(server, "b", wall=lambda _: EPOCH)
    await asyncio.sleep(60)
    assert second.worked == []


@in_virtual_time
async def test_a_leader_counts_from_when_it_asked_not_from_when_it_was_answered() -> None:
    first = Candidate(LeaseServer(), "a", wind_down_seconds=3600.0)
    first.cable.follow(iter([PASSES, Fate(answer_seconds=1.4), *repeat(HANGS, 10)]))
    await first.until_working()
    await first.until_idle()
    assert first.worked == [(1.4, 14.0)]
    assert (first.cancelled_at, first.died_at) == (10.0, 14.0)


@in_virtual_time
async def test_a_candidate_counts_from_when_it_was_answered_not_from_when_it_asked() -> None:
    server = LeaseServer()
    second = Candidate(server, "b", random=lambda: 0.0)
    second.cable.follow(iter([Fate(request_seconds=1.4)]))
    await asyncio.sleep(1.3)
    server.put(holderIdentity="a")
    await second.until_working()
    assert now() >= 1.3 + 15


@in_virtual_time
async def test_time_asleep_counts_against_a_leader() -> None:
    first = await leader(LeaseServer())
    first.cable.always(HANGS)
    await asyncio.sleep(1)
    first.slept_seconds = 3600.0
    await first.until_idle()
    assert now() == 2.0


@in_virtual_time
async def test_a_lease_that_was_acquired_before_a_sleep_is_acquired_again() -> None:
    first = Candidate(LeaseServer(), "a")
    first.cable.follow(iter([PASSES, Fate(answer_seconds=1.0)]))
    await asyncio.sleep(0.5)
    first.slept_seconds = 3600.0
    await first.until_working()
    assert now() == 1.0 + 2.0 * 1.6
