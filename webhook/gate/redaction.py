"""Names in other namespaces are for those who may see them. That something is in the way is for everyone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from webhook.api.kinds import KINDS_BY_NAME
from webhook.evaluation.evaluate import Evaluation
from webhook.facts.user import Access
from webhook.findings.finding import Finding, Holder

_REMEDY: Final = "ask an administrator who has it"


def sights(evaluation: Evaluation, namespace: str) -> tuple[Access, ...]:
    """What one must be allowed to get, to be told who holds what is in the way."""
    return tuple(sorted({_sight(holder) for holder in _foreign_holders(evaluation, namespace)}))


def redacted(evaluation: Evaluation, namespace: str, seen: Mapping[Access, bool]) -> Evaluation:
    """Without the holders in other namespaces that are not `seen`. What is not in there is not."""
    hidden = {holder for holder in _foreign_holders(evaluation, namespace) if not seen.get(_sight(holder), False)}
    if not hidden:
        return evaluation
    judged = (
        msgspec.structs.replace(each, finding=_without_holder(each.finding)) if each.finding.holder in hidden else each
        for each in evaluation.findings
    )
    return msgspec.structs.replace(evaluation, findings=tuple(dict.fromkeys(judged)))


def for_everyone(evaluation: Evaluation, namespace: str) -> Evaluation:
    """As it may stand in a status, which whoever reads the namespace reads."""
    return redacted(evaluation, namespace, {})


def _foreign_holders(evaluation: Evaluation, namespace: str) -> Iterator[Holder]:
    for judged in evaluation.findings:
        holder = judged.finding.holder
        if holder is not None and holder.namespace not in {"", namespace}:
            yield holder


def _sight(holder: Holder) -> Access:
    kind = KINDS_BY_NAME[holder.kind]
    return Access("get", kind.group, kind.plural, namespace=holder.namespace, name=holder.name)


def _without_holder(finding: Finding) -> Finding:
    message = finding.unseen or f"{finding.subject} is in use by an object you may not see"
    return msgspec.structs.replace(finding, message=message, remedy=_REMEDY, holder=None, unseen=None)
