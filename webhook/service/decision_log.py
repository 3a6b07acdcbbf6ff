"""One line per review: who asked for what, and what was decided. Never a body: it may hold secrets."""

from __future__ import annotations

from typing import Any

import structlog

from webhook.admission.judged import Passage
from webhook.admission.mutation import Mutation
from webhook.admission.review import Review
from webhook.gate.verdict import Verdict

_log = structlog.get_logger()


def log_decision(review: Review, verdict: Verdict, seconds: float) -> None:
    _log_answer(
        verdict.passage,
        "review answered",
        **_subject(review),
        name=verdict.subject.name,
        decision=str(verdict.decision),
        codes=list(verdict.codes),
        escaped=list(verdict.escaped) or None,
        confirmation=str(verdict.confirmation),
        permissions_unknown=verdict.permissions_unknown or None,
        milliseconds=round(seconds * 1000, 2),
    )


def log_mutation(review: Review, mutated: Mutation, seconds: float) -> None:
    _log_answer(
        mutated.passage,
        "mutation answered",
        **_subject(review),
        name=review.name,
        decision=str(mutated.outcome),
        paths=[operation.path for operation in mutated.operations],
        milliseconds=round(seconds * 1000, 2),
    )


def log_failure(review: Review, error: Exception, *, reason: str | None = None) -> None:
    """`reason` in words of ours; those of an unexpected exception may quote the object."""
    _log.error("review failed", **_subject(review), name=review.name, reason=reason, exc_info=error)


def _log_answer(passage: Passage | None, event: str, **details: Any) -> None:
    """A review that nobody should have sent is a warning: the webhook configuration needs a look."""
    log = _log.warning if passage is Passage.FOREIGN else _log.info
    log(event, passage=str(passage) if passage is not None else None, **details)


def _subject(review: Review) -> dict[str, Any]:
    return {
        "uid": review.uid,
        "kind": str(review.kind),
        "operation": review.operation,
        "subresource": review.sub_resource or None,
        "namespace": review.namespace,
        "user": review.user_info.username if review.user_info else None,
        "dry_run": bool(review.dry_run),
    }
