"""A verdict as the answer that the API server, the user and the auditor get."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.admission.judged import Passage
from webhook.admission.mutation import Mutation
from webhook.admission.response import allowed, denied, patched
from webhook.admission.review import Review
from webhook.admission.warnings import warnings
from webhook.gate.verdict import Confirmation, Decision, Verdict


def answer(review: Review, verdict: Verdict) -> bytes:
    texts = warnings(verdict.evaluation, _notes(review, verdict), dry_run=bool(review.dry_run))
    audit = _audit(verdict)
    if verdict.decision is Decision.DENIED:
        return denied(review, verdict.evaluation.denials, name=verdict.subject.name, warnings=texts, audit=audit)
    return allowed(review, warnings=texts, audit=audit)


def mutation_answer(review: Review, mutated: Mutation) -> bytes:
    """Without warnings: both spellings are right, and users see what is stored."""
    return patched(review, mutated.operations, audit={"decision": str(mutated.outcome)})


def _notes(review: Review, verdict: Verdict) -> tuple[str, ...]:
    """What the user should know of the judgement itself."""
    return tuple(_told(review, verdict))


def _told(review: Review, verdict: Verdict) -> Iterator[str]:
    if verdict.passage is Passage.FOREIGN:
        yield f"not judged: Snapgate has no rules for {review.operation} of {review.kind}"
    if verdict.confirmation is Confirmation.IMPOSSIBLE:
        yield f"denied on facts {verdict.facts_age_seconds or 0.0:.0f} s old: the cluster could not be read just now"
    if verdict.permissions_unknown:
        yield "your permissions could not be checked just now"


def _audit(verdict: Verdict) -> dict[str, str]:
    """Keys without a slash: the API server puts the name of the webhook before them."""
    audit = {"decision": str(verdict.decision)}
    if verdict.codes:
        audit["codes"] = ",".join(verdict.codes)
    if verdict.escaped:
        audit["escaped"] = ",".join(verdict.escaped)
    if verdict.facts_age_seconds is not None:
        audit["facts-age-seconds"] = f"{verdict.facts_age_seconds:.1f}"
    return audit
