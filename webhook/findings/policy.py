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
    patient: bool = False
    """Whether what may yet become right is waited for, whatever the profile does about it in a new request."""

    def action(self, finding: Finding, *, kind: str) -> Action:
        """`kind` is that of the request: a disk that is not ready may hold up its own snapshot, not a machine's."""
        code = CODES[finding.code]
        action = code.action(self.profile, blocks=finding.blocking, kind=kind)
        if self.patient and action is Action.DENY and code.can_be_waited_for(kind=kind):
            return Action.WAIT
        return action

    def for_what_already_waits(self) -> Policy:
        """For a request that was accepted to wait, say for its machine to be created.

        What it waits for comes into being step by step: a new machine is Pending, then Starting, and its agent answers
        last. A profile that denies those states to a new request would fail this one on the way.
        """
        return Policy(self.profile, patient=True)
