"""A finding together with where it is in its document, and how that place should read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from webhook.findings.code import Action
from webhook.findings.finding import Finding
from webhook.validation.node import Path
from webhook.validation.scalars import plain_scalar

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


class Part(StrEnum):
    KEY = "key"
    """The name of the member that the path leads to."""
    VALUE = "value"
    WRAPPER = "wrapper"
    """The mapping around `value`, which is all there is in it."""


@dataclass(frozen=True, slots=True)
class Correction:
    """The one right answer: `value` goes where this part of the document is."""

    path: Path
    part: Part
    value: str | bool

    @property
    def text(self) -> str:
        """In YAML, with quotes only where the word would be taken for something else."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        plain = _PLAIN.fullmatch(self.value) and plain_scalar(self.value) == self.value
        return self.value if plain else json.dumps(self.value)

    def apply_to(self, content: Any) -> None:
        """Change the content to what would be read after the correction."""
        *way, last = self.path
        for step in way:
            content = content[step]
        if self.part is Part.KEY:
            content[self.value] = content.pop(last)
        else:
            content[last] = self.value


@dataclass(frozen=True, slots=True)
class Remark:
    finding: Finding
    path: Path
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class JudgedRemark:
    remark: Remark
    action: Action

    @property
    def finding(self) -> Finding:
        return self.remark.finding
