"""The outcomes of a check as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.text import Text

from webhook.admission.text import printable
from webhook.cli.console import STYLES
from webhook.findings.code import Action
from webhook.validation.check import Checked
from webhook.validation.corrected_line import CorrectedLine, corrected_line
from webhook.validation.judgement import Outcome, Verdict
from webhook.validation.remark import JudgedRemark

_PARTICIPLES: Final = {Verdict.ALLOW: "allowed", Verdict.DENY: "denied", Verdict.UNDECIDED: "undecided"}
_VERDICT_STYLES: Final = {Verdict.ALLOW: "green", Verdict.DENY: "bold red", Verdict.UNDECIDED: "bold yellow"}
_SEVERITY: Final = tuple(Action)


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    style: str
    place: str
    text: str
    line: CorrectedLine | None = None


def print_text(checked: Checked, console: Console) -> None:
    """Colours appear on a terminal only; lines are never broken, so that they can be searched and copied."""
    for outcome in checked.outcomes:
        _print(console, _title(outcome))
        _print_rows(console, list(_findings(outcome)))
        _print_rows(console, list(_plan(outcome)))
    _print(console, _summary(checked))
    if any(remark.remark.correction for outcome in checked.outcomes for remark in outcome.remarks):
        _print(console, Text("what has one right answer is rewritten by --fix"))


def _print(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True)


def _title(outcome: Outcome) -> Text:
    subject = outcome.subject
    name = f"{subject.kind} {subject.name or 'without a name'} in {subject.namespace}"
    text = Text(f"{outcome.document.source} {printable(name)}: ")
    return text.append(_PARTICIPLES[outcome.verdict], _VERDICT_STYLES[outcome.verdict])


def _findings(outcome: Outcome) -> Iterator[_Row]:
    """What is in the way first."""
    for remark in sorted(outcome.remarks, key=lambda remark: _SEVERITY.index(remark.action)):
        finding = remark.finding
        if remark.action is not Action.OFF:
            text = f"{finding.field}: {finding.text}" if finding.field else finding.text
            line = corrected_line(outcome.document, remark.remark)
            yield _Row(str(remark.action), STYLES[remark.action], _place(outcome, remark), text, line)


def _place(outcome: Outcome, remark: JudgedRemark) -> str:
    span = outcome.document.place(remark.remark.path)
    return f"{outcome.document.file}:{span.line}:{span.column}" if span is not None else outcome.document.file


def _plan(outcome: Outcome) -> Iterator[_Row]:
    for step in outcome.plan.steps:
        source = f" from {step.source}" if step.source is not None else ""
        detail = f", {step.detail}" if step.detail else ""
        yield _Row("plan", "cyan", str(step.kind), f"{step.object}{source}{detail}")


def _print_rows(console: Console, rows: Sequence[_Row]) -> None:
    labels = max((len(row.label) for row in rows), default=0)
    places = max((len(row.place) for row in rows), default=0)
    for row in rows:
        text = Text("  ").append(row.label.ljust(labels), row.style)
        text.append("  ").append(row.place.ljust(places), "dim").append("  ").append(printable(row.text))
        _print(console, text)
        if row.line is not None:
            number = f"{row.line.number} | "
            _print(console, Text(" " * (labels + places + 6) + number).append(printable(row.line.text), "green"))


def _summary(checked: Checked) -> Text:
    counts = {verdict: sum(each.verdict is verdict for each in checked.outcomes) for verdict in Verdict}
    parts = [f"{counts[verdict]} {_PARTICIPLES[verdict]}" for verdict in Verdict if counts[verdict]]
    judged = f"{len(checked.outcomes)} judged"
    text = f"{judged}: {', '.join(parts)}" if parts else judged
    others = f"{checked.others} of other kinds" if checked.others else ""
    unreadable = f"{len(checked.unreadable)} unreadable" if checked.unreadable else ""
    return Text("; ".join(part for part in (text, others, unreadable) if part))


def complaints(checked: Checked) -> Iterator[str]:
    """For standard error: what is no finding, because there was nothing to judge."""
    yield from (f"error: {printable(str(each))}" for each in checked.unreadable)
    if not (checked.outcomes or checked.others or checked.unreadable):
        yield "error: there is no document to check"
