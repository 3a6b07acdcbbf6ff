"""What the webhook counts. Every label takes values of a closed set: none of them comes from a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from webhook.admission.judged import JUDGED
from webhook.admission.mutation import Mutation, Outcome
from webhook.admission.review import Review
from webhook.facts.request import Operation
from webhook.findings.catalogue import CODES
from webhook.findings.code import Action, Code
from webhook.gate.verdict import Confirmation, Decision, Verdict

OTHER: Final = "other"
_KINDS: Final = (*dict.fromkeys(kind.name for kind in JUDGED.values()), OTHER)
_OPERATIONS: Final = (*(str(operation) for operation in Operation), OTHER)
_MUTATE: Final = "mutate"
_VALIDATE: Final = "validate"
_BUCKETS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""From what one review costs to half the default timeout."""


class Stage(StrEnum):
    """Where a request ended that got no judgement."""

    OVERLOAD = "overload"
    BODY = "body"
    REVIEW = "review"
    NOT_SYNCED = "not_synced"
    TIMEOUT = "timeout"
    UNREADABLE = "unreadable"
    PERMISSIONS = "permissions"
    INTERNAL = "internal"


class AdmissionMetrics:
    """Counters start at zero for every combination, so that rate() works from the first scrape."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.decisions = Counter(
            "snapgate_admission_decisions",
            "Reviews answered.",
            ("kind", "operation", "decision"),
            registry=registry,
        )
        self.mutations = Counter(
            "snapgate_admission_mutations",
            "Reviews answered before they are judged, by what became of the object.",
            ("kind", "operation", "outcome"),
            registry=registry,
        )
        self.findings = Counter(
            "snapgate_admission_findings",
            "Findings in answered reviews.",
            ("kind", "code", "action"),
            registry=registry,
        )
        self.confirmations = Counter(
            "snapgate_admission_confirmations",
            "Denials by what live reads made of them.",
            ("outcome",),
            registry=registry,
        )
        self.permissions_unknown = Counter(
            "snapgate_admission_permissions_unknown",
            "Operations judged although nobody could tell what their authors may do.",
            registry=registry,
        )
        self.errors = Counter(
            "snapgate_admission_errors",
            "Requests that got no judgement, by where they ended.",
            ("stage",),
            registry=registry,
        )
        self.duration = Histogram(
            "snapgate_admission_duration_seconds",
            "From the first byte of a review to its answer.",
            ("call", "kind", "operation"),
            buckets=_BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge("snapgate_admission_in_flight", "Reviews being judged now.", registry=registry)
        self._start_at_zero()

    def failed(self, stage: Stage) -> None:
        self.errors.labels(stage).inc()

    def answered(self, review: Review, verdict: Verdict, seconds: float) -> None:
        labels = _labels(review)
        self.decisions.labels(decision=verdict.decision, **labels).inc()
        self.duration.labels(call=_VALIDATE, **labels).observe(seconds)
        for judged in verdict.evaluation.findings:
            self.findings.labels(labels["kind"], judged.finding.code, judged.action).inc()
        if verdict.confirmation is not Confirmation.NOT_NEEDED:
            self.confirmations.labels(verdict.confirmation).inc()
        if verdict.permissions_unknown:
            self.permissions_unknown.inc()

    def mutated(self, review: Review, mutated: Mutation, seconds: float) -> None:
        labels = _labels(review)
        self.mutations.labels(outcome=mutated.outcome, **labels).inc()
        self.duration.labels(call=_MUTATE, **labels).observe(seconds)

    def _start_at_zero(self) -> None:
        for kind, operation in product(_KINDS, _OPERATIONS):
            for call in (_MUTATE, _VALIDATE):
                self.duration.labels(call, kind, operation)
            for mutated in Outcome:
                self.mutations.labels(kind, operation, mutated)
            for decision in Decision:
                self.decisions.labels(kind, operation, decision)
        for kind, code in product(_KINDS, CODES.values()):
            for action in _actions(code):
                self.findings.labels(kind, code.name, action)
        for outcome in Confirmation:
            if outcome is not Confirmation.NOT_NEEDED:
                self.confirmations.labels(outcome)
        for stage in Stage:
            self.errors.labels(stage)


def _actions(code: Code) -> Iterator[Action]:
    """Those that some policy takes. A blocking code warns where nobody waits, and those who may escape it."""
    if code.blocking is not None:
        yield from (Action.DENY, Action.WAIT, Action.WARN)
    if code.advisory is not None:
        yield from (Action.WARN, Action.INFO)


def _labels(review: Review) -> Mapping[str, str]:
    kind = JUDGED.get(review.kind)
    return {
        "kind": kind.name if kind is not None else OTHER,
        "operation": review.operation if review.operation in _OPERATIONS else OTHER,
    }
