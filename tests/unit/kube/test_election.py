"""Each defect that `kubernetes.aio.leaderelection` was seen to have is a test here, beside or in test_lease.py."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from tests.support.candidate import Candidate, leader
from tests.support.lease_server import DOWN, HANGS, PASSES, Fate, LeaseServer, breaking
from tests.support.virtual_time import in_virtual_time, now


@in_virtual_time
async def test_a_leader_renews_every_two_seconds() -> None:
    server = LeaseServer()
    await leader(server)
    await asyncio.sleep(9)
    assert [write["renewTime"][17:19] for write in server.writes] == ["00", "02", "04", "06", "08"]
    assert {write["leaseTransitions"] for write in server.writes} == {0}


@pytest.mark.parametrize("fate", DOWN.values(), ids=DOWN.keys())
@in_virtual_time
async def test_work_ends_at_the_renew_deadline_when_the_server_does_not_answer(fate: Fate) -> None:
    first = await leader(LeaseServer())
    await asyncio.sleep(5)
    first.cable.always(fate)
    await first.until_idle()
    assert now() == 14.0  # the last renewal was sent at 4
    await asyncio.sleep(1)
    assert not first.armed
    assert first.leading_told == [True, False]


@in_virtual_time
async def test_a_leader_that_lost_the_lease_competes_again() -> None:
    first = await leader(LeaseServer())
    first.cable.always(HANGS)
    await first.until_idle()
    first.cable.always(PASSES)
    await first.until_working()
    assert len(first.worked) == 2
    assert first.leading_told == [True, False, True]


@in_virtual_time
async def test_single_failures_do_not_cost_the_lease() -> None:
    first = await leader(LeaseServer())
    calls = count()
    first.cable.fate = lambda _: PASSES if next(calls) % 4 == 3 else HANGS
    await asyncio.sleep(300)
    assert len(first.worked) == 1
    assert first.working


@in_virtual_time
async def test_a_renewal_that_arrives_after_it_was_given_up_does_not_cost_the_lease() -> None:
    first = await leader(LeaseServer())
    slow = iter([Fate(request_seconds=1.8)])
    first.cable.follow(slow)
    await asyncio.sleep(60)
    assert len(first.worked) == 1
    assert first.working


@in_virtual_time
async def test_stopping_ends_the_work_first_and_then_releases_the_lease() -> None:
    server = LeaseServer()
    first = await leader(server, wind_down_seconds=3.0)
    await asyncio.sleep(5)
    stopping = asyncio.ensure_future(first.stop())
    await asyncio.sleep(2.9)
    assert (first.working, server.holder) == (True, "a")
    await stopping
    assert (first.worked, server.holder, first.armed) == ([(0.0, 8.0)], "", False)
    assert first.process.cancelled()


@in_virtual_time
async def test_stopping_twice_still_waits_for_the_work() -> None:
    first = await leader(LeaseServer(), wind_down_seconds=3.0)
    first.process.cancel()
    await asyncio.sleep(1)
    first.process.cancel()
    await asyncio.wait([first.process])
    assert first.worked == [(0.0, 3.0)]


@in_virtual_time
async def test_a_lease_is_also_released_when_a_renewal_is_on_its_way() -> None:
    server = LeaseServer()
    first = await leader(server)
    first.cable.follow(iter([Fate(answers=False)]))
    await asyncio.sleep(2.5)
    await first.stop()
    assert server.holder == ""


@in_virtual_time
async def test_stopping_takes_no_longer_than_a_few_calls_when_the_server_hangs() -> None:
    first = await leader(LeaseServer())
    first.cable.always(HANGS)
    await first.stop()
    assert now() == 1.5


@in_virtual_time
async def test_a_crash_of_the_work_ends_the_candidacy_and_releases_the_lease() -> None:
    server = LeaseServer()
    crash = ValueError("a defect")
    first = await leader(server, fails=crash)
    first.finish.set()
    with pytest.raises(ExceptionGroup) as raised:
        await first.process
    assert raised.value.exceptions == (crash,)
    assert (server.holder, first.armed, first.leading_told) == ("", False, [True, False])


@in_virtual_time
async def test_work_that_is_done_ends_the_candidacy_and_releases_the_lease() -> None:
    server = LeaseServer()
    first = await leader(server)
    first.finish.set()
    await first.process
    assert (server.holder, first.armed) == ("", False)


@in_virtual_time
async def test_work_that_does_not_end_is_ended_with_the_process_before_the_lease_is() -> None:
    first = await leader(LeaseServer(), wind_down_seconds=3600.0)
    first.cable.always(HANGS)
    await first.until_idle()
    assert first.died_at == 14.0


@in_virtual_time
async def test_a_defect_in_a_renewal_does_not_leave_the_work_running() -> None:
    first = await leader(LeaseServer())
    first.cable.follow(iter([breaking(ZeroDivisionError(), applied=False)]))
    with pytest.raises(ExceptionGroup):
        await first.process
    assert not first.working


@in_virtual_time
async def test_work_ends_at_once_when_the_lease_is_found_to_be_anothers() -> None:
    server = LeaseServer()
    first = await leader(server)
    server.put(holderIdentity="by hand")
    await first.until_idle()
    assert now() == 2.0
    await asyncio.sleep(10)
    assert server.holder == "by hand"


@in_virtual_time
async def test_a_leader_makes_a_deleted_lease_anew_and_nobody_else_takes_it() -> None:
    server = LeaseServer()
    first = await leader(server)
    second = Candidate(server, "b", random=lambda: 0.0)
    await asyncio.sleep(5)
    first.cable.follow(iter([HANGS]))
    server.delete()
    await asyncio.sleep(60)
    assert (len(first.worked), second.worked, server.holder) == (1, [], "a")
