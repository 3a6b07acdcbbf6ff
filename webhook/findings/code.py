"""A finding code: what it means, for whom it blocks, and how a finding of it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from webhook.api.reference import Reference
from webhook.findings.finding import Finding, Holder


class Action(StrEnum):
    DENY = "deny"
    """Refused at admission; Failed when it appears later."""
    WAIT = "wait"
    """Accepted with a warning; the reconciler stays Pending until it clears."""
    WARN = "warn"
    INFO = "info"
    OFF = "off"


class Profile(StrEnum):
    STRICT = "strict"
    GITOPS = "gitops"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Actions:
    strict: Action
    gitops: Action
    guard: Action

    def under(self, profile: Profile) -> Action:
        return {Profile.STRICT: self.strict, Profile.GITOPS: self.gitops, Profile.GUARD: self.guard}[profile]


@dataclass(frozen=True, slots=True)
class Code:
    """`title` reads as the state of the world, `explanation` says why it matters, `remedy` what to do about it.

    `example` is what a user may read of it, without the code at its end. `documented`: the platform's documentation
    states it. `own`: the object itself gets it wrong, whatever else is in the cluster, so that it is denied in
    `mode: DryRun` too, where conflicts are only reported. `fixed`: neither policy nor privilege makes less of it.

    A code blocks, or advises, or blocks in some requests and advises in others (a shared disk, as consistency is
    required or not): the rule that finds it knows which, and says `found` or `noticed`.
    """

    name: str
    title: str
    explanation: str
    remedy: str
    example: str
    blocking: Actions | None = None
    advisory: Actions | None = None
    blocking_by_kind: Mapping[str, Actions] = field(default_factory=dict)
    """For kinds whose requests are treated otherwise than `blocking` says."""
    advisory_when: str = ""
    """Of a code that also blocks: in which requests it only advises."""
    documented: bool = False
    own: bool = False
    fixed: bool = False

    @property
    def classes(self) -> str:
        """In the words of the reference: blocking, advisory, or both."""
        return " or ".join(
            name for name, actions in (("blocking", self.blocking), ("advisory", self.advisory)) if actions is not None
        )

    @property
    def notes(self) -> Iterator[str]:
        """What else the reference says of it, in sentences."""
        if self.documented:
            yield "The platform's documentation states it."
        if self.own:
            yield "The object itself gets it wrong, so it is denied in mode DryRun too, and nothing waits for it."
        if self.fixed:
            yield "Neither policy nor privilege makes less of it."

    def found(
        self,
        *,
        subject: Reference,
        field: str,
        message: str,
        remedy: str | None = None,
        holder: Holder | None = None,
        unseen: str | None = None,
    ) -> Finding:
        """A finding of this code that blocks, where the code can."""
        return Finding(self.name, self.blocking is not None, field, message, subject, remedy, holder, unseen)

    def noticed(self, *, subject: Reference, field: str, message: str, remedy: str | None = None) -> Finding:
        """A finding that only advises, of a code that elsewhere blocks."""
        return Finding(self.name, False, field, message, subject, remedy)

    def can_be_waited_for(self, *, kind: str) -> bool:
        """Whether there is a profile that waits for it to clear: it may yet become right by itself."""
        actions = self.blocking_by_kind.get(kind, self.blocking)
        return actions is not None and Action.WAIT in (actions.strict, actions.gitops, actions.guard)

    def action(self, profile: Profile, *, blocks: bool, kind: str) -> Action:
        """What a profile does with a finding of this code, about a request for this kind."""
        actions = self.blocking_by_kind.get(kind, self.blocking) if blocks else self.advisory
        if actions is None:
            raise ValueError(f"{self.name} is never {'blocking' if blocks else 'advisory'}")
        return actions.under(profile)
