"""evaluate(): admission, dry run, service, CLI and reconciler call this and nothing else, so they cannot disagree."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from webhook.api.operation import Mode
from webhook.api.reference import Reference
from webhook.api.virtual_machine_operation import VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import VirtualMachineSnapshotOperation
from webhook.evaluation.applied import updates
from webhook.evaluation.examination import examine
from webhook.facts.facts import Facts, KnownFacts
from webhook.facts.request import Operation, Request
from webhook.facts.source import Source
from webhook.facts.unfinished import mode_of
from webhook.findings.catalogue import CODES
from webhook.findings.code import Action
from webhook.findings.finding import Finding
from webhook.findings.policy import Policy
from webhook.planning.plan import NOTHING, Plan

_IN_THE_WAY: Final = frozenset({Action.DENY, Action.WAIT})


class Judged(Struct, frozen=True):
    finding: Finding
    action: Action
    excused: bool = False
    """Whether it would hold up anyone else."""


class Evaluation(Struct, frozen=True):
    """Findings in a stable order: by field, code and subject. Those that policy turned off are left out.

    `plan` is what the request would do if nothing were in its way, as far as that can be told.
    """

    findings: tuple[Judged, ...] = ()
    plan: Plan = NOTHING
    unknown: tuple[str, ...] = ()
    """What could not be read; what depends on it is not among the findings."""

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

    @property
    def conflicts(self) -> tuple[Finding, ...]:
        """What stands in the way, whatever is done about it: a dry run reports it and is not refused for it."""
        return tuple(judged.finding for judged in self.findings if judged.finding.blocking)


def evaluate(request: Request, facts: Source, policy: Policy) -> Evaluation:
    """Judge one request. Pure: no I/O, no clock; what a user wrote never makes it raise.

    Raises UnreadableError when an object that the decision rests on exists and cannot be understood.
    """
    return _judge(request, Facts(facts, request.namespace), policy)


def evaluate_what_is_known(request: Request, facts: Source, policy: Policy) -> Evaluation:
    """The same for those who see only a part of the cluster; `unknown` says what else it would take.

    What is found holds whatever the rest may be.
    """
    known = KnownFacts(facts, request.namespace)
    evaluation = _judge(request, known, policy)
    return msgspec.structs.replace(evaluation, unknown=known.unknown)


def _judge(request: Request, facts: Facts, policy: Policy) -> Evaluation:
    request = next(facts.each(updates(request, facts)), request)
    examination = examine(request, facts)
    judged = (_judged(finding, request, policy) for finding in set(examination.findings))
    kept = sorted((each for each in judged if each.action is not Action.OFF), key=_order)
    return Evaluation(tuple(kept), examination.plan)


def _judged(finding: Finding, request: Request, policy: Policy) -> Judged:
    """A dry run only tells of what is in the way; what its own manifest gets wrong is refused all the same."""
    kind = request.kind.name
    action = policy.action(finding, kind=kind)
    if is_dry_run(request) and not CODES[finding.code].own:
        return Judged(finding, Action.WARN if action in _IN_THE_WAY else action)
    return Judged(finding, action, policy.excuses(finding, kind=kind))


def is_dry_run(request: Request) -> bool:
    """Whether this is an operation of `mode: DryRun`, which is created and then only reports."""
    operation = request.object
    return (
        request.operation is Operation.CREATE
        and isinstance(operation, VirtualMachineOperation | VirtualMachineSnapshotOperation)
        and mode_of(operation) == Mode.DRY_RUN
    )


def _order(judged: Judged) -> tuple[str, str, Reference, str]:
    finding = judged.finding
    return finding.field, finding.code, finding.subject, finding.text
