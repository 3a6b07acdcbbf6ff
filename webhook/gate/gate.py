"""Facts, evaluation, confirmation: the way of one review."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from webhook.admission.judged import passage
from webhook.admission.request import WrongShapeError, request_from, subject_of
from webhook.admission.review import Review
from webhook.api.reference import Reference
from webhook.evaluation.evaluate import Evaluation, Judged, evaluate
from webhook.facts.request import Request
from webhook.facts.source import Source, UnreadableError
from webhook.findings.policy import CurrentPolicy, Policy
from webhook.gate.confirmation import ReadLive, confirm
from webhook.gate.verdict import Confirmation, Verdict
from webhook.inventory.live import LiveReadError

_log = structlog.get_logger()


class NotSyncedError(Exception):
    """The first lists of the watch cache are not complete: nothing can be said to be absent."""


class KnownFacts(Source, Protocol):
    """A source that knows how much it knows: the inventory."""

    @property
    def synced(self) -> bool: ...

    def age_seconds(self) -> float:
        """How long ago the oldest of the facts was last known to be current."""
        ...


class Gate:
    """Judges reviews. Calls the API server only to confirm a denial, never on the way to an allowed request."""

    def __init__(self, facts: KnownFacts, policy: CurrentPolicy, read_live: ReadLive) -> None:
        self._facts = facts
        self._policy = policy
        self._read_live = read_live

    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        """`deadline` is a time of the running loop's clock; a denial not confirmed by then stands.

        Raises NotSyncedError, and UnreadableError when the decision rests on an object that cannot be understood.
        """
        passed = passage(review)
        if passed is not None:
            return Verdict(subject_of(review), passage=passed)
        policy = _policy_for(review, self._policy())
        try:
            request = request_from(review)
        except WrongShapeError as error:
            return Verdict(subject_of(review), _of_shape(error, policy))
        if not self._facts.synced:
            raise NotSyncedError("the first lists of the watch cache are not complete")
        age = self._facts.age_seconds()
        evaluation = evaluate(request, self._facts, policy)
        if evaluation.denied:
            return await self._confirmed(request, policy, evaluation, age, deadline)
        return Verdict(request.subject, evaluation, facts_age_seconds=age)

    async def _confirmed(
        self, request: Request, policy: Policy, denial: Evaluation, age: float, deadline: float
    ) -> Verdict:
        try:
            async with asyncio.timeout_at(deadline):
                confirmed = await confirm(request, self._facts, policy, self._read_live)
        except (LiveReadError, UnreadableError, TimeoutError) as error:
            _log.warning(
                "denial not confirmed",
                subject=str(request.subject),
                namespace=request.namespace,
                facts_age_seconds=age,
                reason=str(error) or "no answer within the caller's timeout",
            )
            return Verdict(request.subject, denial, None, age, Confirmation.IMPOSSIBLE)
        return _verdict_on(request.subject, confirmed)


def _policy_for(review: Review, policy: Policy) -> Policy:
    user = review.user_info
    return policy.for_user(user.username or "", user.groups or ()) if user is not None else policy


def _of_shape(error: WrongShapeError, policy: Policy) -> Evaluation:
    finding = error.finding
    return Evaluation((Judged(finding, policy.action(finding, kind=finding.subject.kind)),))


def _verdict_on(subject: Reference, confirmed: Evaluation) -> Verdict:
    outcome = Confirmation.UPHELD if confirmed.denied else Confirmation.OVERTURNED
    return Verdict(subject, confirmed, None, 0.0, outcome)
