from __future__ import annotations

import asyncio

import pytest

from tests.support.candidate import Candidate, leader
from tests.support.lease_server import DOWN, PASSES, Fate, LeaseServer
from tests.support.virtual_time import in_virtual_time, now


@in_virtual_time
async def test_the_first_candidate_leads_at_once_where_there_is_no_lease() -> None:
    server = LeaseServer()
    await leader(server)
    assert now() == 0.0
    assert server.holder == "a"


@in_virtual_time
async def test_the_second_candidate_waits() -> None:
    server = LeaseServer()
    await leader(server)
    second = Candidate(server, "b")
    await asyncio.sleep(120)
    assert second.worked == []


@in_virtual_time
async def test_another_leads_after_the_lease_has_run_out() -> None:
    server = LeaseServer()
    first = await leader(server)
    second = Candidate(server, "b")
    await asyncio.sleep(5)
    first.die()
    await second.until_working()
    assert 4 + 15 <= now() <= 4 + 15 + 2 * 2.2
    assert server.spec["leaseTransitions"] == 1


@in_virtual_time
async def test_a_released_lease_is_taken_without_waiting_for_its_end() -> None:
    server = LeaseServer()
    first = await leader(server)
    second = Candidate(server, "b")
    await asyncio.sleep(5)
    await first.stop()
    await second.until_working()
    assert now() <= 5 + 2 * 2.2


@in_virtual_time
async def test_a_lease_lasts_as_long_as_its_holder_wrote() -> None:
    server = LeaseServer()
    server.put(holderIdentity="slow", leaseDurationSeconds=40)
    second = await leader(server, "b")
    assert 40 <= second.worked[0][0] <= 40 + 2 * 2.2


@in_virtual_time
async def test_an_acquisition_whose_answer_was_lost_is_noticed_and_taken_up() -> None:
    first = Candidate(LeaseServer(), "a")
    first.cable.follow(iter([PASSES, Fate(answers=False)]))
    await first.until_working()
    assert now() < 15


@in_virtual_time
async def test_a_candidate_outlives_a_server_that_is_down() -> None:
    first = Candidate(LeaseServer(), "a")
    fates = list(DOWN.values())
    first.cable.follow(iter(fates * 5))
    await first.until_working(seconds=600.0)


@in_virtual_time
async def test_candidates_do_not_ask_in_step() -> None:
    server = LeaseServer()
    await leader(server)
    randoms = iter([0.0, 0.5, 1.0])
    second = Candidate(server, "b", random=lambda: next(randoms))
    await asyncio.sleep(2 + 3.2 + 4.4 - 0.1)
    assert [call.at for call in second.cable.calls] == pytest.approx([0.0, 2.0, 5.2])
