"""When a certificate is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

BACKDATED: Final = timedelta(minutes=5)
"""Clocks of the machines that check it may be behind ours."""


def two_thirds_over(not_before: datetime, not_after: datetime, now: datetime) -> bool:
    return now >= not_before + (not_after - not_before) * 2 / 3
