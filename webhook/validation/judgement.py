"""One document to its outcome: recognised, checked for its shape, decoded, evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from webhook.admission.shape import shape_finding
from webhook.api.decoding import UndecodableError, decode
from webhook.api.reference import Reference
from webhook.evaluation.evaluate import Evaluation, evaluate_what_is_known
from webhook.facts.request import Operation, Request
from webhook.facts.source import Source
from webhook.findings.across import FACT_UNKNOWN
from webhook.findings.code import Action
from webhook.findings.finding import Finding
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
    async def __call__(self, request: Request, sent: bytes, /) -> Evaluation:
        """`sent` is the object of the request as the API server would get it. What cannot be read is `unknown`."""
        ...


def over(facts: Source, policy: Policy) -> Evaluate:
    """Of what is all at hand."""

    async def evaluate_over(request: Request, _sent: bytes) -> Evaluation:
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

    def form(self, document: Document) -> Form | None:
        """None when the document is no business of Snapgate's."""
        return form_of(document, self.namespace, self.dialect)

    async def of(self, document: Document, form: Form) -> Outcome:
        """Never raises for what a user wrote."""
        if form.kind is None:
            return self._outcome(document, form, form.remarks)
        try:
            sent = _sent(form)
            asked_for = decode(form.kind, sent)
        except UndecodableError as error:
            # The schema has said it already, in more words, unless it knows less than the decoder.
            told = form.remarks or (form.remark_on(shape_finding(str(error), form.subject)),)
            return self._outcome(document, form, told)
        request = Request(Operation.CREATE, form.kind, form.subject.namespace, asked_for)
        return self._outcome(document, form, form.remarks, await self.evaluate(request, sent))

    def _outcome(
        self,
        document: Document,
        form: Form,
        remarks: Iterable[Remark],
        evaluation: Evaluation = _NOTHING_FOUND,
    ) -> Outcome:
        own = (*remarks, *(form.remark_on(finding) for finding in unknown_findings(form.subject, evaluation)))
        judged = {
            *(JudgedRemark(each, self.policy.action(each.finding, kind=form.subject.kind)) for each in own),
            *(JudgedRemark(form.remark_on(each.finding), each.action) for each in evaluation.findings),
        }
        return Outcome(document, form.subject, in_order(judged), evaluation.plan, evaluation.unknown)


def unknown_findings(subject: Reference, evaluation: Evaluation) -> list[Finding]:
    return [FACT_UNKNOWN.noticed(subject=subject, field="", message=reason) for reason in evaluation.unknown]


def in_order(judged: Iterable[JudgedRemark]) -> tuple[JudgedRemark, ...]:
    """As evaluate() orders findings; those that policy turned off are left out."""
    return tuple(sorted((each for each in judged if each.action is not Action.OFF), key=_order))


def _sent(form: Form) -> bytes:
    """With the namespace, which the API server writes into each object. Raises UndecodableError."""
    content, namespace = form.content, form.subject.namespace
    metadata = content.get("metadata")
    if isinstance(metadata, dict) and namespace:
        content = {**content, "metadata": {**metadata, "namespace": namespace}}
    try:
        return msgspec.json.encode(content)
    except (OverflowError, UnicodeEncodeError, RecursionError) as error:  # over 64 bits; half of a surrogate pair
        raise UndecodableError(str(error)) from error


def _order(judged: JudgedRemark) -> tuple[str, str, Reference, str]:
    finding = judged.finding
    return finding.field, finding.code, finding.subject, finding.text
