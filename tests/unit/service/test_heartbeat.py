from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry

from tests.support.virtual_time import VirtualTimeLoop, in_virtual_time
from webhook.service.heartbeat import BEAT_SECONDS, DEAD_AFTER_SECONDS, Heartbeat


def beats(registry: CollectorRegistry, at_most: str = "+Inf") -> float | None:
    return registry.get_sample_value("snapgate_event_loop_lag_seconds_bucket", {"le": at_most})


@in_virtual_time
async def test_loop_that_turns_is_alive_and_lags_by_nothing() -> None:
    registry = CollectorRegistry()
    heartbeat = Heartbeat(registry)
    running = asyncio.create_task(heartbeat.run())
    await asyncio.sleep(10 * BEAT_SECONDS + 0.1)
    assert heartbeat.not_alive_reason() is None
    assert (beats(registry), beats(registry, "0.001")) == (10, 10)
    running.cancel()


@in_virtual_time
async def test_loop_that_does_not_come_round_is_not_alive_until_it_does() -> None:
    heartbeat = Heartbeat(CollectorRegistry())
    running = asyncio.create_task(heartbeat.run())
    await asyncio.sleep(1.2)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.jump(DEAD_AFTER_SECONDS)
    reason = heartbeat.not_alive_reason()
    assert reason is not None
    assert "15 s" in reason
    await asyncio.sleep(BEAT_SECONDS)
    assert heartbeat.not_alive_reason() is None
    running.cancel()


async def test_what_holds_the_loop_up_is_seen_as_lag() -> None:
    registry = CollectorRegistry()
    running = asyncio.create_task(Heartbeat(registry).run())
    await asyncio.sleep(0)
    time.sleep(BEAT_SECONDS + 0.3)  # noqa: ASYNC251 - this is the defect
    await asyncio.sleep(0.01)
    assert (beats(registry), beats(registry, "0.25")) == (1, 0)
    running.cancel()
