"""Whatever happens to the network, to clocks and to processes: work never runs in two of them at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.candidate import EPOCH, Candidate
from tests.support.lease_server import CONNECTION_BROKE, HANGS, PASSES, Fate, LeaseServer, breaking, refused
from tests.support.virtual_time import in_virtual_time

FAULTS_END_SECONDS: Final = 120
SETTLED_SECONDS: Final = 240

DELAYS: Final = st.sampled_from([0.0, 0.1, 0.7, 1.4, 1.6, 3.0, 7.0, 14.0, 16.0, 30.0])
FATES: Final = st.one_of(
    st.just(PASSES),
    st.just(HANGS),
    st.builds(Fate, request_seconds=DELAYS, answer_seconds=DELAYS, answers=st.booleans()),
    st.builds(breaking, st.just(CONNECTION_BROKE), applied=st.booleans()),
    st.sampled_from([refused(409, "Conflict"), refused(500, "InternalError"), refused(403, "Forbidden")]),
)
MOMENTS: Final = st.integers(0, FAULTS_END_SECONDS)


@dataclass(frozen=True)
class Life:
    """What happens to one process. From `stops_at` or `dies_at` on it does not come back."""

    starts_at: int = 0
    stops_at: int | None = None
    dies_at: int | None = None
    fates: tuple[Fate, ...] = ()
    outages: tuple[tuple[int, int], ...] = ()
    """From when, and for how long, nothing passes."""
    rate: float = 1.0
    wall_steps: tuple[tuple[int, float], ...] = ()
    wall_stands_still: bool = False
    wind_down_seconds: float = 0.0
    seed: int = 0


LIVES: Final = st.builds(
    Life,
    starts_at=MOMENTS,
    stops_at=st.none() | MOMENTS,
    dies_at=st.none() | MOMENTS,
    fates=st.lists(FATES, max_size=30).map(tuple),
    outages=st.lists(st.tuples(MOMENTS, st.integers(1, 30)), max_size=3).map(tuple),
    rate=st.sampled_from([0.98, 1.0, 1.02]),
    wall_steps=st.lists(st.tuples(MOMENTS, st.sampled_from([-86400.0, -15.0, 1e-6, 15.0, 86400.0])), max_size=3).map(
        tuple
    ),
    wall_stands_still=st.booleans(),
    wind_down_seconds=st.sampled_from([0.0, 0.5, 3.9, 4.1, 60.0]),
    seed=st.integers(0, 99),
)


def wall_of(life: Life) -> Callable[[float], datetime]:
    def wall(seconds: float) -> datetime:
        stepped = sum(step for at, step in life.wall_steps if seconds >= at)
        return EPOCH + timedelta(seconds=stepped + (0.0 if life.wall_stands_still else seconds))

    return wall


async def live(life: Life, server: LeaseServer, identity: str) -> Candidate:
    """One process from its start until after everything has settled."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(life.starts_at)
    candidate = Candidate(
        server,
        identity,
        wall=wall_of(life),
        rate=life.rate,
        wind_down_seconds=life.wind_down_seconds,
        random=Random(life.seed).random,
    )
    fates = iter(life.fates)

    def fate(_: str) -> Fate:
        out = any(since <= loop.time() < since + lasts for since, lasts in life.outages)
        return HANGS if out else next(fates, PASSES)

    candidate.cable.fate = fate
    if life.stops_at is not None:
        loop.call_at(max(life.stops_at, life.starts_at), candidate.process.cancel)
    if life.dies_at is not None:
        loop.call_at(max(life.dies_at, life.starts_at), candidate.die)
    await asyncio.sleep(SETTLED_SECONDS - loop.time())
    return candidate


@given(st.lists(LIVES, min_size=2, max_size=4))
@example([Life(outages=((5, 60),), wind_down_seconds=60.0, rate=0.98), Life(rate=1.02)])
@example([Life(stops_at=80, outages=((69, 10),), wind_down_seconds=3.9), Life()])
@settings(max_examples=200)
@in_virtual_time
async def test_work_never_runs_in_two_processes_and_always_in_one_once_the_faults_end(lives: list[Life]) -> None:
    server = LeaseServer()
    candidates = await asyncio.gather(*(live(life, server, f"process-{i}") for i, life in enumerate(lives)))

    worked = sorted(interval for candidate in candidates for interval in candidate.worked)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(worked))
    alive = [each for each in candidates if each.died_at is None and not each.process.done()]
    assert sum(each.working for each in alive) == (1 if alive else 0)
