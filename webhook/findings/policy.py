"""What is done about a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from webhook.findings.catalogue import CATALOGUE
from webhook.findings.code import Action, Code, Profile
from webhook.findings.finding import Finding

CODES: Final[Mapping[str, Code]] = {code.name: code for code in CATALOGUE}


class Policy(Struct, frozen=True):
    """The same for every caller of evaluate(), so that none of them can disagree."""

    profile: Profile = Profile.STRICT

    def action(self, finding: Finding, *, kind: str) -> Action:
        """`kind` is that of the request: a disk that is not ready may hold up its own snapshot, not a machine's."""
        return CODES[finding.code].action(self.profile, blocks=finding.blocking, kind=kind)
