"""Fields as kubectl names them, `spec.clone.nameReplacement[0].to`, and as paths."""

from __future__ import annotations

import re
from typing import Final

from webhook.validation.node import Path

_STEP: Final = re.compile(r"\[(\d{1,9})\]|([^.\[\]]+)")


def field_of(path: Path) -> str:
    """A member that has dots in its name stands in brackets, `labels[example.com/a]`."""
    text = ""
    for step in path:
        bare = isinstance(step, str) and "." not in step
        text += f"[{step}]" if not bare else f".{step}" if text else str(step)
    return text


def path_of(field: str) -> Path:
    """As far as it can be read: `labels[example.com/a]` names a member that has dots in it."""
    return tuple(int(position) if position else name for position, name in _STEP.findall(field))
