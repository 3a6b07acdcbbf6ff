"""Codes of a check that could not see everything."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import WARN
from webhook.findings.code import Code

FACT_UNKNOWN: Final = Code(
    "FactUnknown",
    "Something the decision rests on could not be read",
    "Without it nothing can be said to be absent or free, so the check stays undecided unless something else is denied.",
    "Export the kind that is named, or ask for the right to read it.",
    advisory=WARN,
)
