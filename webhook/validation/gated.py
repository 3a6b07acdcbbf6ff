"""Evaluation by the gate: the facts, the policy and the confirmation of admission, for one caller."""

from __future__ import annotations

from typing import Protocol

import msgspec
from msgspec import Raw

from webhook.admission.judged import Passage
from webhook.admission.request import subject_of
from webhook.admission.review import GroupVersionKind, Review, UserInfo
from webhook.evaluation.evaluate import Evaluation, evaluate_what_is_known
from webhook.facts.request import Request
from webhook.facts.source import UnreadableError
from webhook.findings.code import Action
from webhook.findings.finding import Finding
from webhook.findings.policy import Policy
from webhook.gate.verdict import Verdict
from webhook.inventory.manifests import Manifests
from webhook.validation.documents import Document
from webhook.validation.field_path import path_of
from webhook.validation.judgement import Evaluate, Outcome, in_order, unknown_findings
from webhook.validation.remark import JudgedRemark, Remark

_UID = "validation"
"""Of reviews that no API server sent: only in our own log."""


class Judge(Protocol):
    async def judge(self, review: Review, *, deadline: float) -> Verdict: ...


def through(gate: Judge, policy: Policy, user: UserInfo, deadline: float) -> Evaluate:
    """`deadline` is a time of the running loop's clock. Raises what the gate raises, but UnreadableError.

    `policy` is for what admission lets pass unseen, the start of a machine: the API server's schema refuses it where it
    is wrong, and nobody else is asked here. That takes no facts.
    """

    async def evaluate(request: Request, sent: bytes) -> Evaluation:
        kind, subject = request.kind, request.subject
        review = Review(
            uid=_UID,
            kind=GroupVersionKind(kind.group, kind.version, kind.name),
            operation=str(request.operation),
            name=subject.name,
            namespace=request.namespace,
            user_info=user,
            dry_run=True,
            object=Raw(sent),
        )
        verdict = await _judged(gate, review, deadline)
        if verdict.passage is Passage.UNCONCERNED:
            return evaluate_what_is_known(request, Manifests(()), policy)
        return verdict.evaluation

    return evaluate


async def outcome_of(
    gate: Judge, review: Review, user: UserInfo, document: Document, deadline: float
) -> Outcome | None:
    """Of a review as an API server would send it, but asked by this user, whoever it says has asked.

    What may be told, and what an escape of the policy lets pass, depends on who is told. None when it is not judged.
    """
    asked = msgspec.structs.replace(review, user_info=user)
    verdict = await _judged(gate, asked, deadline)
    if verdict.passage is Passage.FOREIGN:
        return None
    evaluation = verdict.evaluation
    unknown = [JudgedRemark(_remark(each), Action.WARN) for each in unknown_findings(verdict.subject, evaluation)]
    judged = [*unknown, *(JudgedRemark(_remark(each.finding), each.action) for each in evaluation.findings)]
    return Outcome(document, verdict.subject, in_order(judged), evaluation.plan, evaluation.unknown)


async def _judged(gate: Judge, review: Review, deadline: float) -> Verdict:
    try:
        return await gate.judge(review, deadline=deadline)
    except UnreadableError as error:
        return Verdict(subject_of(review), Evaluation(unknown=(str(error),)))


def _remark(finding: Finding) -> Remark:
    return Remark(finding, path_of(finding.field))
