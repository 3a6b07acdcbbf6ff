"""What is done about a finding."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct, structs

from webhook.api.data_export import DATA_EXPORT
from webhook.findings.across import PERMISSION_MISSING
from webhook.findings.catalogue import CODES, unknown
from webhook.findings.code import Action, Code, Profile
from webhook.findings.finding import Finding
from webhook.findings.limits import BLOCKING_ACTIONS, against_advisory, against_blocking, against_escape


class PolicyError(ValueError):
    """A policy that says less than it may, or what cannot be done."""


class Installation(StrEnum):
    FULL = "full"
    """With our reconciler."""
    GUARD = "guard"
    """Webhooks only, beside the platform's controllers."""


class Override(Struct, frozen=True):
    """Instead of what the profile does with a code, where it blocks and where it advises. `origin`: who says so."""

    blocking: Action | None = None
    advisory: Action | None = None
    origin: str = ""


class Escape(Struct, frozen=True):
    """Codes that only warn these users, or members of these groups."""

    codes: frozenset[str]
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    origin: str = ""

    def concerns(self, username: str, groups: Collection[str]) -> bool:
        return username in self.users or not self.groups.isdisjoint(groups)


class Decided(Struct, frozen=True):
    action: Action
    origin: str


class Policy(Struct, frozen=True):
    """The same for every caller of evaluate(), so that none of them can disagree. Raises PolicyError when made."""

    profile: Profile = Profile.STRICT
    installation: Installation = Installation.FULL
    overrides: Mapping[str, Override] = MappingProxyType({})
    """By code."""
    permissions_enforced: bool = False
    escapes: tuple[Escape, ...] = ()
    patient: bool = False
    """Whether what may yet become right is waited for, whatever the profile does about it in a new request."""
    excused: frozenset[str] = frozenset()
    """Codes that only warn whoever the policy is for."""
    profile_origin: str = "default"
    permissions_origin: str = "default"

    def __post_init__(self) -> None:
        problem = next(_problems(self), None)
        if problem is not None:
            raise PolicyError(problem)

    def action(self, finding: Finding, *, kind: str) -> Action:
        """`kind` is that of the request: a disk that is not ready may hold up its own snapshot, not a machine's."""
        code = CODES[finding.code]
        action = self.decided(code, blocks=finding.blocking, kind=kind).action
        if action not in BLOCKING_ACTIONS or code is PERMISSION_MISSING:
            return action
        if code.name in self.excused:
            return Action.WARN
        if self.patient and action is Action.DENY and code.can_be_waited_for(kind=kind):
            return self._waiting(kind)
        return action

    def decided(self, code: Code, *, blocks: bool, kind: str) -> Decided:
        """What becomes of a finding in a new request of someone without privileges, and who says so."""
        if code is PERMISSION_MISSING:
            return self._of_missing_permissions()
        action, origin = code.action(self.profile, blocks=blocks, kind=kind), f"profile {self.profile}"
        override = self.overrides.get(code.name)
        overridden = (override.blocking if blocks else override.advisory) if override is not None else None
        if override is not None and overridden is not None:
            action, origin = overridden, override.origin
        return Decided(self._waiting(kind) if action is Action.WAIT else action, origin)

    def excuses(self, finding: Finding, *, kind: str) -> bool:
        """Whether this goes on only because of who asks."""
        code = CODES[finding.code]
        return code.name in self.excused and (
            self.decided(code, blocks=finding.blocking, kind=kind).action in BLOCKING_ACTIONS
        )

    def for_user(self, username: str, groups: Collection[str]) -> Policy:
        """With what this user may go on in spite of."""
        if not self.escapes:
            return self
        excused = frozenset(
            code for escape in self.escapes if escape.concerns(username, groups) for code in escape.codes
        )
        return structs.replace(self, excused=excused) if excused else self

    def for_what_already_waits(self) -> Policy:
        """For a request that was accepted to wait, say for its machine to be created.

        What it waits for comes into being step by step: a new machine is Pending, then Starting, and its agent answers
        last. A profile that denies those states to a new request would fail this one on the way.
        """
        return structs.replace(self, patient=True)

    def _of_missing_permissions(self) -> Decided:
        override = self.overrides.get(PERMISSION_MISSING.name)
        if override is not None and override.blocking is Action.DENY:
            return Decided(Action.DENY, override.origin)
        return Decided(Action.DENY if self.permissions_enforced else Action.WARN, self.permissions_origin)

    def _waiting(self, kind: str) -> Action:
        """Where no reconciler of ours runs nobody waits, and the author is told all the more. None has exports."""
        waits = self.installation is Installation.FULL and kind != DATA_EXPORT.name
        return Action.WAIT if waits else Action.WARN


CurrentPolicy = Callable[[], Policy]
"""The policy as of now: it may change between any two decisions, and not within one."""


def _problems(policy: Policy) -> Iterator[str]:
    if policy.installation is Installation.GUARD and policy.profile is Profile.GITOPS:
        yield "profile gitops needs a reconciler that waits, and guard mode has none; use guard or strict"
    for name, override in policy.overrides.items():
        yield from (f"{name}: {problem}" for problem in override_problems(name, override))
    for escape in policy.escapes:
        for name in sorted(escape.codes):
            problem = escape_problem(name)
            if problem is not None:
                yield f"{name}: {problem}"


def override_problems(name: str, override: Override) -> Iterator[str]:
    """What speaks against an override, in words for whoever wrote it."""
    code = CODES.get(name)
    if code is None:
        yield unknown(name)
        return
    for action, against in ((override.blocking, against_blocking), (override.advisory, against_advisory)):
        problem = against(code, action) if action is not None else None
        if problem is not None:
            yield f"cannot be {action}: {problem}"


def escape_problem(name: str) -> str | None:
    """What speaks against an escape from this code."""
    code = CODES.get(name)
    if code is None:
        return unknown(name)
    problem = against_escape(code)
    return f"cannot be escaped: {problem}" if problem is not None else None
