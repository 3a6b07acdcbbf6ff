"""Whether the event loop still turns, and how fast."""

from __future__ import annotations

import asyncio
from typing import Final

from prometheus_client import CollectorRegistry, Histogram

BEAT_SECONDS: Final = 0.5
DEAD_AFTER_SECONDS: Final = 15.0
"""Longer than any pause that a review survives; a machine that was suspended has a beat before it can be asked."""
_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Heartbeat:
    """Times are of the running loop's clock."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Histogram(
            "snapgate_event_loop_lag_seconds",
            "How much later than asked the event loop came round, twice a second: every review waits as long.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self._last: float | None = None

    async def run(self) -> None:
        """Until cancelled."""
        self._last = _now()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = _now()
            self._lag.observe(max(now - self._last - BEAT_SECONDS, 0.0))
            self._last = now

    def not_alive_reason(self) -> str | None:
        if self._last is None or _now() - self._last < DEAD_AFTER_SECONDS:
            return None
        return f"the event loop has not come round for {_now() - self._last:.0f} s"


def _now() -> float:
    return asyncio.get_running_loop().time()
