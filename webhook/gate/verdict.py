"""What the gate decided about a review, and what that rests on."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from webhook.admission.judged import Passage
from webhook.api.reference import Reference
from webhook.evaluation.evaluate import Evaluation


class Decision(StrEnum):
    PASSED = "passed"
    """Let through without being judged."""
    ALLOWED = "allowed"
    DENIED = "denied"


class Confirmation(StrEnum):
    """What live reads made of a denial."""

    NOT_NEEDED = "not-needed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    IMPOSSIBLE = "impossible"
    """The reads failed or took too long: the denial stands on the facts at hand."""


class Verdict(Struct, frozen=True):
    subject: Reference
    evaluation: Evaluation = Evaluation()
    passage: Passage | None = None
    facts_age_seconds: float | None = None
    """Of the oldest facts it rests on; None when it rests on the object alone."""
    confirmation: Confirmation = Confirmation.NOT_NEEDED
    permissions_unknown: str = ""
    """Why nobody could tell what the author may do; `""` when it was asked and answered, or needed not be asked."""

    @property
    def decision(self) -> Decision:
        if self.passage is not None:
            return Decision.PASSED
        return Decision.DENIED if self.evaluation.denied else Decision.ALLOWED

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(sorted({judged.finding.code for judged in self.evaluation.findings}))

    @property
    def escaped(self) -> tuple[str, ...]:
        """Codes that the requester goes on in spite of, by policy."""
        return tuple(sorted({judged.finding.code for judged in self.evaluation.findings if judged.excused}))
