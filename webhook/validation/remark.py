"""A finding together with where it is in its document, and how the line should read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from webhook.findings.code import Action
from webhook.findings.finding import Finding
from webhook.validation.field_path import path_of
from webhook.validation.node import Path


class Part(StrEnum):
    KEY = "key"
    """The name of the member that the path leads to."""
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Correction:
    """The one right answer: `text` is YAML that goes where this part of the document is."""

    path: Path
    part: Part
    text: str


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


def remark_on(finding: Finding) -> Remark:
    return Remark(finding, path_of(finding.field))
