"""Facts, evaluation, confirmation: the way of one review."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import msgspec
import structlog

from webhook.admission.judged import EXECUTORS, passage
from webhook.admission.request import WrongShapeError, request_from, subject_of
from webhook.admission.review import Review
from webhook.api.reference import Reference
from webhook.evaluation.evaluate import Evaluation, Judged, evaluate, is_dry_run
from webhook.facts.request import Request
from webhook.facts.source import Source, UnreadableError
from webhook.facts.user import Access, User
from webhook.findings.across import PERMISSION_MISSING
from webhook.findings.code import Action
from webhook.findings.policy import CurrentPolicy, Policy
from webhook.gate.confirmation import ReadLive, confirm
from webhook.gate.permissions import AskAccess, with_refusals
from webhook.gate.redaction import redacted, sights
from webhook.gate.verdict import Confirmation, Verdict
from webhook.inventory.live import LiveReadError
from webhook.kube.authorization import ReviewError

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
    """Judges reviews.

    Calls the API server to confirm a denial, to ask what the author of an operation may do, and whether someone may be
    told of objects in other namespaces; for anything else never on the way to an allowed request.
    """

    def __init__(
        self,
        facts: KnownFacts,
        policy: CurrentPolicy,
        read_live: ReadLive,
        reviews: AskAccess,
        *,
        executors: frozenset[str] = EXECUTORS,
    ) -> None:
        """`executors` are not judged: they carry out what was."""
        self._facts = facts
        self._policy = policy
        self._read_live = read_live
        self._reviews = reviews
        self._executors = executors

    async def judge(self, review: Review, *, deadline: float) -> Verdict:
        """`deadline` is a time of the running loop's clock; a denial not confirmed by then stands.

        Raises NotSyncedError, UnreadableError when the decision rests on an object that cannot be understood, and
        ReviewError when permissions are enforced and cannot be asked for.
        """
        passed = passage(review, self._executors)
        if passed is not None:
            return Verdict(subject_of(review), passage=passed)
        policy = _policy_for(review, self._policy())
        try:
            request = request_from(review)
        except WrongShapeError as error:
            return Verdict(subject_of(review), _of_shape(error, policy))
        if not self._facts.synced:
            raise NotSyncedError("the first lists of the watch cache are not complete")
        verdict = await self._decided(request, policy, deadline)
        return msgspec.structs.replace(
            verdict, evaluation=await self._fit_for(request.user, verdict.evaluation, request.namespace)
        )

    async def _decided(self, request: Request, policy: Policy, deadline: float) -> Verdict:
        age = self._facts.age_seconds()
        evaluation = evaluate(request, self._facts, policy)
        request, unknown = await self._asked(request, evaluation, policy)
        if request.refused:
            evaluation = evaluate(request, self._facts, policy)
        if not evaluation.denied:
            return Verdict(request.subject, evaluation, facts_age_seconds=age, permissions_unknown=unknown)
        verdict = await self._confirmed(request, policy, evaluation, age, deadline)
        return msgspec.structs.replace(verdict, permissions_unknown=unknown)

    async def _asked(self, request: Request, evaluation: Evaluation, policy: Policy) -> tuple[Request, str]:
        """The request with what its author may not do, and why that is not known where it is not."""
        try:
            return await with_refusals(request, evaluation, self._reviews), ""
        except ReviewError as error:
            enforced = policy.decided(PERMISSION_MISSING, blocks=True, kind=request.kind.name).action is Action.DENY
            if enforced and not is_dry_run(request):
                raise
            _log.warning("permissions not asked", subject=str(request.subject), reason=str(error))
            return request, str(error)

    async def _fit_for(self, user: User | None, evaluation: Evaluation, namespace: str) -> Evaluation:
        wanted = sights(evaluation, namespace)
        if not wanted:
            return evaluation
        seen: Mapping[Access, bool] = {}
        if user is not None:
            try:
                seen = await self._reviews.allowed(user, wanted)
            except ReviewError as error:
                _log.warning("holders in other namespaces are not named", reason=str(error))
        return redacted(evaluation, namespace, seen)

    async def _confirmed(
        self, request: Request, policy: Policy, denial: Evaluation, age: float, deadline: float
    ) -> Verdict:
        try:
            async with asyncio.timeout_at(deadline):
                confirmed = await self._confirmed_with_refusals(request, policy)
        except (LiveReadError, UnreadableError, ReviewError, TimeoutError) as error:
            _log.warning(
                "denial not confirmed",
                subject=str(request.subject),
                namespace=request.namespace,
                facts_age_seconds=age,
                reason=str(error) or "no answer within the caller's timeout",
            )
            return Verdict(request.subject, denial, None, age, Confirmation.IMPOSSIBLE)
        return _verdict_on(request.subject, confirmed)

    async def _confirmed_with_refusals(self, request: Request, policy: Policy) -> Evaluation:
        """What the live objects lead to may take other rights than what was known did."""
        confirmed = await confirm(request, self._facts, policy, self._read_live)
        if request.refused is None:
            return confirmed
        asked = await with_refusals(request, confirmed, self._reviews)
        return confirmed if asked == request else await confirm(asked, self._facts, policy, self._read_live)


def _policy_for(review: Review, policy: Policy) -> Policy:
    user = review.user_info
    return policy.for_user(user.username or "", user.groups or ()) if user is not None else policy


def _of_shape(error: WrongShapeError, policy: Policy) -> Evaluation:
    finding = error.finding
    return Evaluation((Judged(finding, policy.action(finding, kind=finding.subject.kind)),))


def _verdict_on(subject: Reference, confirmed: Evaluation) -> Verdict:
    outcome = Confirmation.UPHELD if confirmed.denied else Confirmation.OVERTURNED
    return Verdict(subject, confirmed, None, 0.0, outcome)
