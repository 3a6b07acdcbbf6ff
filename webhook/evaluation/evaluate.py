"""evaluate(): admission, dry run and reconciler call this and nothing else, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from webhook.api.reference import Reference
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.facts.facts import Facts
from webhook.facts.request import Operation, Request
from webhook.facts.source import Source
from webhook.findings.code import Action
from webhook.findings.finding import Finding
from webhook.findings.policy import Policy
from webhook.planning.plan import NOTHING, Plan
from webhook.rules.deletion import disk_snapshot_is_unused, machine_snapshot_is_unused, restore_is_not_interrupted
from webhook.rules.disk_snapshot import check_disk_snapshot
from webhook.rules.immutability import spec_is_unchanged
from webhook.rules.machine_snapshot import check_machine_snapshot

Check = Callable[[Reference, Any, Facts], Iterator[Finding]]

_ON_CREATE: Final[Mapping[str, Check]] = {
    VIRTUAL_DISK_SNAPSHOT.name: check_disk_snapshot,
    VIRTUAL_MACHINE_SNAPSHOT.name: check_machine_snapshot,
}
_IMMUTABLE: Final[Mapping[str, str]] = {
    VIRTUAL_DISK_SNAPSHOT.name: "snapshot",
    VIRTUAL_MACHINE_SNAPSHOT.name: "snapshot",
    VIRTUAL_MACHINE_OPERATION.name: "operation",
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION.name: "operation",
}
"""What to create another of instead of editing this one."""

_ON_DELETE: Final[Mapping[str, Check]] = {
    VIRTUAL_DISK_SNAPSHOT.name: disk_snapshot_is_unused,
    VIRTUAL_MACHINE_SNAPSHOT.name: machine_snapshot_is_unused,
    VIRTUAL_MACHINE_OPERATION.name: restore_is_not_interrupted,
}


class Judged(Struct, frozen=True):
    finding: Finding
    action: Action


class Evaluation(Struct, frozen=True):
    """Findings in a stable order: by field, code and subject. Those that policy turned off are left out.

    `plan` is what the request would do if nothing were in its way, as far as that can be told.
    """

    findings: tuple[Judged, ...] = ()
    plan: Plan = NOTHING

    @property
    def denied(self) -> bool:
        return any(judged.action is Action.DENY for judged in self.findings)

    def with_action(self, *actions: Action) -> tuple[Finding, ...]:
        return tuple(judged.finding for judged in self.findings if judged.action in actions)

    @property
    def denials(self) -> tuple[Finding, ...]:
        return self.with_action(Action.DENY)

    @property
    def waits(self) -> tuple[Finding, ...]:
        return self.with_action(Action.WAIT)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What the author should hear although the request goes on."""
        return self.with_action(Action.WAIT, Action.WARN, Action.INFO)


def evaluate(request: Request, facts: Source, policy: Policy) -> Evaluation:
    """Judge one request. Pure: no I/O, no clock; what a user wrote never makes it raise.

    Raises UnreadableError when an object that the decision rests on exists and cannot be understood.
    """
    judged = (
        Judged(finding, policy.action(finding, kind=request.kind.name)) for finding in set(_findings(request, facts))
    )
    return Evaluation(tuple(sorted((each for each in judged if each.action is not Action.OFF), key=_order)))


def _findings(request: Request, source: Source) -> Iterator[Finding]:
    kind, facts = request.kind.name, Facts(source, request.namespace)
    match request.operation:
        case Operation.CREATE if request.object is not None and kind in _ON_CREATE:
            yield from _ON_CREATE[kind](request.subject, request.object, facts)
        case Operation.UPDATE if kind in _IMMUTABLE:
            yield from spec_is_unchanged(
                request.subject, new=request.object, old=request.old_object, instead=_IMMUTABLE[kind]
            )
        # In a namespace on its way out everything goes, in any order.
        case Operation.DELETE if request.old_object is not None and kind in _ON_DELETE:
            if not facts.namespace_terminating:
                yield from _ON_DELETE[kind](request.subject, request.old_object, facts)


def _order(judged: Judged) -> tuple[str, str, Reference, str]:
    finding = judged.finding
    return finding.field, finding.code, finding.subject, finding.text
