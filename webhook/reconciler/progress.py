"""What a pass leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Progress:
    """Every pass may be the last for a long time: what must be looked at again without an event says when."""

    again_after_seconds: float | None = None


SETTLED: Final = Progress()
"""Nothing to do until something in the cluster changes; a pass that has written is woken by its own write."""


def again_after(seconds: float) -> Progress:
    return Progress(again_after_seconds=max(0.0, seconds))


AGAIN_SOON: Final = again_after(2.0)
"""For what no event tells of."""
