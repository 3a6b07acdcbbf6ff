"""Go's time.Duration as text, the form in which the subresource API takes a timeout."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_PART: Final = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS: Final = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}


def parse_duration(text: str) -> timedelta | None:
    """`1h30m`, `1.5s`, `300ms`, `0`; None when the text is no duration (time.ParseDuration)."""
    negative = text.startswith("-")
    digits = text.lstrip("+-") if len(text) - len(text.lstrip("+-")) <= 1 else ""
    if digits == "0":
        return timedelta()
    parts = _PART.findall(digits)
    if not parts or "".join(number + unit for number, unit in parts) != digits:
        return None
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    return timedelta(seconds=-seconds if negative else seconds)
