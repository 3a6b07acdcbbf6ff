"""One document to its outcome: recognised, checked for its shape, decoded, evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from webhook.admission.shape import shape_finding
from webhook.api.decoding import UndecodableError, decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.reference import Reference
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.facts.request import Operation, Request
from webhook.facts.source import Source, UnreadableError
from webhook.findings.across import FACT_UNKNOWN
from webhook.findings.code import Action
from webhook.findings.policy import Policy
from webhook.planning.plan import NOTHING, Plan
from webhook.validation.documents import Document
from webhook.validation.form import form_of
from webhook.validation.remark import JudgedRemark, Remark, remark_on

_NOTHING_FOUND: Final = Evaluation()


class Verdict(StrEnum):
    ALLOW = "allow"
    DENY = "deny"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`remarks` are in the order of evaluate(): by field, code and subject."""

    document: Document
    subject: Reference
    remarks: tuple[JudgedRemark, ...] = ()
    plan: Plan = NOTHING
    unknown: tuple[str, ...] = ()
    """What would have to be known to decide, and could not be read."""

    @property
    def verdict(self) -> Verdict:
        if any(remark.action is Action.DENY for remark in self.remarks):
            return Verdict.DENY
        return Verdict.UNDECIDED if self.unknown else Verdict.ALLOW


class Evaluate(Protocol):
    async def __call__(self, request: Request, policy: Policy, /) -> Evaluation:
        """Raises UnreadableError when something that the decision rests on cannot be read."""
        ...


def over(facts: Source) -> Evaluate:
    """Of what is all at hand."""

    async def evaluate_over(request: Request, policy: Policy) -> Evaluation:
        return evaluate(request, facts, policy)

    return evaluate_over


@dataclass(frozen=True, slots=True)
class Judgement:
    """The same for whoever asks; where facts come from is `evaluate`'s to know.

    Documents do not see each other: each is judged as if it alone were applied to the cluster as it is, which is what
    its author would get for the first of them, and which makes their order irrelevant.
    """

    evaluate: Evaluate
    policy: Policy
    namespace: str
    """Of documents that name none."""

    async def of(self, document: Document) -> Outcome | None:
        """None when the document is no business of Snapgate's. Never raises for what a user wrote."""
        form = form_of(document, self.namespace)
        if form is None:
            return None
        if form.kind is None:
            return self._outcome(document, form.subject, form.remarks)
        try:
            asked_for = _decoded(form.kind, form.content)
        except UndecodableError as error:
            # The schema has said it already, in more words, unless it knows less than the decoder.
            told = form.remarks or (remark_on(shape_finding(str(error), form.subject)),)
            return self._outcome(document, form.subject, told)
        request = Request(Operation.CREATE, form.kind, form.subject.namespace, asked_for)
        try:
            evaluation = await self.evaluate(request, self.policy)
        except UnreadableError as error:
            return self._outcome(document, form.subject, form.remarks, unknown=(str(error),))
        return self._outcome(document, form.subject, form.remarks, evaluation)

    def _outcome(
        self,
        document: Document,
        subject: Reference,
        remarks: Iterable[Remark],
        evaluation: Evaluation = _NOTHING_FOUND,
        unknown: tuple[str, ...] = (),
    ) -> Outcome:
        own = (*remarks, *(_unknown(subject, reason) for reason in unknown))
        judged = [
            *(JudgedRemark(each, self.policy.action(each.finding, kind=subject.kind)) for each in own),
            *(JudgedRemark(remark_on(each.finding), each.action) for each in evaluation.findings),
        ]
        return Outcome(document, subject, tuple(sorted(judged, key=_order)), evaluation.plan, unknown)


def _decoded(kind: Kind[Any], content: Mapping[str, Any]) -> Object:
    try:
        decoded: Object = decode(kind, msgspec.json.encode(content))
    except (
        OverflowError,
        UnicodeEncodeError,
        RecursionError,
    ) as error:  # numbers over 64 bits, half of a surrogate pair
        raise UndecodableError(str(error)) from error
    return decoded


def _unknown(subject: Reference, reason: str) -> Remark:
    return remark_on(FACT_UNKNOWN.noticed(subject=subject, field="", message=reason))


def _order(judged: JudgedRemark) -> tuple[str, str, Reference, str]:
    finding = judged.finding
    return finding.field, finding.code, finding.subject, finding.text
