"""Fields as kubectl names them, `spec.clone.nameReplacement[0].to`, and as paths."""

from __future__ import annotations

import re
from typing import Final

from webhook.validation.node import Path

_STEP: Final = re.compile(r"\[(\d{1,9})\]|([^.\[\]]+)")


def field_of(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def path_of(field: str) -> Path:
    """As far as it can be read: `labels[example.com/a]` names a member that has dots in it."""
    return tuple(int(position) if position else name for position, name in _STEP.findall(field))
