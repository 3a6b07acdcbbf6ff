"""One document to its outcome: recognised, checked for its shape, decoded, evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

import msgspec

from webhook.admission.shape import shape_finding
from webhook.api.decoding import UndecodableError, decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.reference import Reference
from webhook.evaluation.evaluate import Evaluation
from webhook.facts.request import Operation, Request
from webhook.facts.source import UnreadableError
from webhook.findings.code import Action
from webhook.findings.policy import Policy
from webhook.findings.validation import FACT_UNKNOWN
from webhook.planning.plan import NOTHING, Plan
from webhook.validation.documents import Document
from webhook.validation.metadata import metadata_remarks
from webhook.validation.node import Node, Path
from webhook.validation.recognition import recognise, subject_of
from webhook.validation.remark import JudgedRemark, Remark, remark_on
from webhook.validation.shape import shape_remarks


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
        content = document.object
        recognised = recognise(content, self.namespace) if content is not None else None
        if content is None or recognised is None:
            return None
        subject = subject_of(content, self.namespace)
        if recognised.kind is None:
            return self._outcome(document, subject, recognised.remarks)
        return await self._judged(document, content, recognised.kind, recognised.remarks)

    async def _judged(
        self, document: Document, content: dict[str, Any], kind: Kind[Any], remarks: tuple[Remark, ...]
    ) -> Outcome:
        subject = msgspec.structs.replace(subject_of(content, self.namespace), kind=kind.name)
        stated = without_nulls(content)
        shape = [
            *remarks,
            *metadata_remarks(stated, subject),
            *shape_remarks(kind, stated, subject, partial(_written_at, document)),
        ]
        try:
            asked_for = _decoded(kind, stated)
        except UndecodableError as error:
            # The schema has said it already, in more words, unless it knows less than the decoder.
            told = shape or [remark_on(shape_finding(str(error), subject))]
            return self._outcome(document, subject, told)
        request = Request(Operation.CREATE, kind, subject.namespace, asked_for)
        try:
            evaluation = await self.evaluate(request, self.policy)
        except UnreadableError as error:
            return self._outcome(document, subject, shape, unknown=(str(error),))
        return self._outcome(document, subject, shape, evaluation)

    def _outcome(
        self,
        document: Document,
        subject: Reference,
        remarks: Iterable[Remark],
        evaluation: Evaluation = Evaluation(),
        unknown: tuple[str, ...] = (),
    ) -> Outcome:
        own = (*remarks, *(_unknown(subject, reason) for reason in unknown))
        judged = [
            *(JudgedRemark(each, self.policy.action(each.finding, kind=subject.kind)) for each in own),
            *(JudgedRemark(remark_on(each.finding), each.action) for each in evaluation.findings),
        ]
        return Outcome(document, subject, tuple(sorted(judged, key=_order)), evaluation.plan, unknown)


def without_nulls(value: Any) -> Any:
    """The API server drops nulls before it looks at an object (structural schema, "nullable")."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value


def _decoded(kind: Kind[Any], content: dict[str, Any]) -> Object:
    try:
        decoded: Object = decode(kind, msgspec.json.encode(content))
    except (
        OverflowError,
        UnicodeEncodeError,
        RecursionError,
    ) as error:  # numbers over 64 bits, half of a surrogate pair
        raise UndecodableError(str(error)) from error
    return decoded


def _written_at(document: Document, path: Path) -> Node | None:
    return document.node.at(path) if document.node is not None else None


def _unknown(subject: Reference, reason: str) -> Remark:
    return remark_on(FACT_UNKNOWN.noticed(subject=subject, field="", message=reason))


def _order(judged: JudgedRemark) -> tuple[str, str, Reference, str]:
    finding = judged.finding
    return finding.field, finding.code, finding.subject, finding.text
