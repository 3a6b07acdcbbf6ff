"""The form in which results are given to programs: a public contract, the same from the command and the service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from webhook.api.reference import Reference as ObjectReference
from webhook.findings.finding import Holder as FindingHolder
from webhook.planning.plan import Step as PlanStep
from webhook.validation.judgement import Outcome
from webhook.validation.remark import JudgedRemark


class _Message(BaseModel):
    """All members are always there; what is absent is null."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)


class Subject(_Message):
    api_version: Annotated[str | None, Field(alias="apiVersion")]
    kind: str | None
    namespace: str | None
    name: str | None


class Reference(_Message):
    kind: str | None
    namespace: str | None
    name: str | None


class Holder(Reference):
    machine: Annotated[str | None, Field(description="The VirtualMachine behind it.")]
    phase: str | None


class Finding(_Message):
    code: Annotated[str, Field(description="As in the rule reference; never changes its meaning.")]
    class_: Annotated[Literal["blocking", "advisory"], Field(alias="class")]
    action: Annotated[Literal["deny", "wait", "warn", "info"], Field(description="What policy makes of it.")]
    field: Annotated[str | None, Field(description="As kubectl names it, `spec.virtualMachineName`.")]
    message: str
    holder: Annotated[Holder | None, Field(description="Who has what is in the way.")]
    remedy: Annotated[str | None, Field(description="A command, or a field to change.")]


class Step(_Message):
    step: str
    object: Reference
    from_: Annotated[Reference | None, Field(alias="from", description="Where its data or settings come from.")]
    detail: str | None


class Result(_Message):
    object: Subject
    source: Annotated[str, Field(description="`file:document`, and the position in a List: `all.yaml:1.items[3]`.")]
    verdict: Literal["allow", "deny", "undecided"]
    findings: tuple[Finding, ...]
    plan: Annotated[tuple[Step, ...], Field(description="What would be done, in this order.")]


class Results(_Message):
    results: tuple[Result, ...]


def results_of(outcomes: Iterable[Outcome]) -> Results:
    return Results(results=tuple(_result(outcome) for outcome in outcomes))


def _result(outcome: Outcome) -> Result:
    content = outcome.document.object or {}
    subject = outcome.subject
    return Result(
        object=Subject(
            api_version=_text(content.get("apiVersion")),
            kind=subject.kind or None,
            namespace=subject.namespace or None,
            name=subject.name or None,
        ),
        source=outcome.document.source,
        verdict=outcome.verdict.value,
        findings=tuple(_finding(remark) for remark in outcome.remarks if remark.action != "off"),
        plan=tuple(_step(step) for step in outcome.plan.steps),
    )


def _finding(judged: JudgedRemark) -> Finding:
    finding = judged.finding
    return Finding.model_validate(
        {
            "code": finding.code,
            "class": "blocking" if finding.blocking else "advisory",
            "action": str(judged.action),
            "field": finding.field or None,
            "message": finding.message,
            "holder": _holder(finding.holder),
            "remedy": finding.remedy,
        }
    )


def _holder(holder: FindingHolder | None) -> Holder | None:
    if holder is None:
        return None
    return Holder(
        kind=holder.kind,
        namespace=holder.namespace or None,
        name=holder.name or None,
        machine=holder.machine or None,
        phase=holder.phase or None,
    )


def _step(step: PlanStep) -> Step:
    source = None if step.source is None else _reference(step.source)
    return Step(step=str(step.kind), object=_reference(step.object), from_=source, detail=step.detail)


def _reference(reference: ObjectReference) -> Reference:
    return Reference(kind=reference.kind, namespace=reference.namespace or None, name=reference.name or None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
