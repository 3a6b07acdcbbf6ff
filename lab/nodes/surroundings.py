"""What the life of a pod takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lab.nodes.reporting import Reporter

Event = Callable[[str, str, str], Awaitable[None]]
"""Type, reason and message of an Event about the pod."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    reporter: Reporter
    event: Event
    now: Callable[[], datetime]
    clock: Callable[[], float]
    log: Path
    directory: Path
