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
from webhook.evaluation.evaluate import Evaluation, evaluate_what_is_known
from webhook.facts.request import Operation, Request
from webhook.facts.source import Source
from webhook.findings.across import FACT_UNKNOWN
from webhook.findings.code import Action
from webhook.findings.policy import Policy
from webhook.planning.plan import NOTHING, Plan
from webhook.validation.dialect import Dialect
from webhook.validation.documents import Document
from webhook.validation.form import Form, form_of
from webhook.validation.remark import JudgedRemark, Remark

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
        """What cannot be read is named in `unknown`."""
        ...


def over(facts: Source) -> Evaluate:
    """Of what is all at hand."""

    async def evaluate_over(request: Request, policy: Policy) -> Evaluation:
        return evaluate_what_is_known(request, facts, policy)

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
    dialect: Dialect = Dialect.SNAPGATE

    async def of(self, document: Document) -> Outcome | None:
        """None when the document is no business of Snapgate's. Never raises for what a user wrote."""
        form = form_of(document, self.namespace, self.dialect)
        if form is None:
            return None
        if form.kind is None:
            return self._outcome(document, form, form.remarks)
        try:
            asked_for = _decoded(form.kind, form.content)
        except UndecodableError as error:
            # The schema has said it already, in more words, unless it knows less than the decoder.
            told = form.remarks or (form.remark_on(shape_finding(str(error), form.subject)),)
            return self._outcome(document, form, told)
        request = Request(Operation.CREATE, form.kind, form.subject.namespace, asked_for)
        evaluation = await self.evaluate(request, self.policy)
        return self._outcome(document, form, form.remarks, evaluation)

    def _outcome(
        self,
        document: Document,
        form: Form,
        remarks: Iterable[Remark],
        evaluation: Evaluation = _NOTHING_FOUND,
    ) -> Outcome:
        unknown = [
            FACT_UNKNOWN.noticed(subject=form.subject, field="", message=reason) for reason in evaluation.unknown
        ]
        own = (*remarks, *(form.remark_on(finding) for finding in unknown))
        judged = {
            *(JudgedRemark(each, self.policy.action(each.finding, kind=form.subject.kind)) for each in own),
            *(JudgedRemark(form.remark_on(each.finding), each.action) for each in evaluation.findings),
        }
        kept = sorted((each for each in judged if each.action is not Action.OFF), key=_order)
        return Outcome(document, form.subject, tuple(kept), evaluation.plan, evaluation.unknown)


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


def _order(judged: JudgedRemark) -> tuple[str, str, Reference, str]:
    finding = judged.finding
    return finding.field, finding.code, finding.subject, finding.text
