from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec
import pytest

from lab.nodes.pod import Container, HttpGet, Probe
from lab.nodes.probing import UnhealthyError, watch_over
from tests.support.virtual_time import in_virtual_time, now

GET = HttpGet(port=8081)


def answering(answers: Sequence[bool]) -> Callable[[Probe], Awaitable[str | None]]:
    """One after the other; the last one stays."""
    left = list(answers)

    async def ask(_: Probe) -> str | None:
        good = left.pop(0) if len(left) > 1 else left[0]
        return None if good else "503"

    return ask


async def watched(container: Container, answers: Sequence[bool], seconds: float) -> list[tuple[float, str]]:
    seen: list[tuple[float, str]] = []

    async def failed(message: str) -> None:
        seen.append((now(), message))

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await watch_over(
                container,
                answering(answers),
                started=lambda: seen.append((now(), "started")),
                ready=lambda ready: seen.append((now(), "ready" if ready else "not ready")),
                failed=failed,
            )
    return seen


def changes(seen: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    return [each for each in seen if "failed" not in each[1]]


@in_virtual_time
async def test_a_container_without_probes_is_ready_at_once() -> None:
    assert await watched(Container(name="a", image="snapgate"), [True], 60) == [(0, "started"), (0, "ready")]


@in_virtual_time
async def test_nothing_else_is_asked_before_it_has_started() -> None:
    container = Container(
        name="a",
        image="snapgate",
        startup_probe=Probe(http_get=GET, period_seconds=2, failure_threshold=30),
        readiness_probe=Probe(http_get=GET, period_seconds=5),
    )
    seen = changes(await watched(container, [False, False, True], 6))
    assert seen == [(4, "started"), (4, "ready")]


@in_virtual_time
async def test_readiness_goes_after_failures_in_a_row_and_comes_back() -> None:
    container = Container(
        name="a",
        image="snapgate",
        readiness_probe=Probe(http_get=GET, period_seconds=1, failure_threshold=2, success_threshold=2),
    )
    seen = changes(await watched(container, [True, True, False, True, False, False, True, True], 7.5))
    assert seen == [(0, "started"), (1, "ready"), (5, "not ready"), (7, "ready")]


@pytest.mark.parametrize("probe", ["startup_probe", "liveness_probe"])
def test_a_container_that_does_not_answer_is_given_up(probe: str) -> None:
    @in_virtual_time
    async def scenario() -> float:
        failing = Probe(http_get=GET, period_seconds=10, failure_threshold=3)
        container = msgspec.structs.replace(Container(name="a", image="snapgate"), **{probe: failing})
        with pytest.raises(UnhealthyError, match="failed 3 times: 503"):
            await watched(container, [False], 60)
        return now()

    assert scenario() == 20
