"""Moments as people read them."""

from __future__ import annotations

import re
from typing import Final

_RFC_3339: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z", re.ASCII)
"""As the API server writes times: always UTC."""


def readable(moment: str) -> str:
    """`2026-11-24 10:00 UTC`; whatever is no such moment is given back as it is."""
    found = _RFC_3339.fullmatch(moment)
    return f"{found[1]} {found[2]} UTC" if found else moment
