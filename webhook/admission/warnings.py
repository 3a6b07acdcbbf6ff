"""Findings as warnings, which kubectl prints before anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from webhook.admission.text import clipped, printable
from webhook.evaluation.evaluate import Evaluation
from webhook.findings.code import Action
from webhook.findings.finding import Finding
from webhook.planning.plan import Step
from webhook.planning.wording import shortest_step_text, step_text

ADVISED_CHARACTERS: Final = 120
MAX_CHARACTERS: Final = 256
"""admission/v1 AdmissionResponse: 120 is advised, what is longer than 256 may be cut, and our codes are at the end."""
MAX_TOTAL_CHARACTERS: Final = 4096
"""The API server drops warnings above this total (apiserver, endpoints/filters/warning.go)."""

_WAITS: Final = "stays Pending: "
_WOULD: Final = "would "
_ROOM_FOR_THE_REST: Final = MAX_CHARACTERS


def warnings(evaluation: Evaluation, notes: Iterable[str] = (), *, dry_run: bool = False) -> tuple[str, ...]:
    """All that the author should hear, what holds the object up first, within what the API server delivers.

    Whoever asks by dry run is told what would happen, and what is merely worth knowing; whoever acts has decided. Of
    what is denied neither is told: nothing happens.
    """
    prefix = "" if evaluation.denied else _WAITS
    explains = dry_run and not evaluation.denied
    waits = evaluation.waits
    advice = evaluation.with_action(Action.WARN, *((Action.INFO,) if explains else ()))
    steps = evaluation.plan.steps if explains else ()
    texts = [
        *(_text(finding, prefix) for finding in waits),
        *(clipped(printable(note), "", MAX_CHARACTERS) for note in notes),
        *(_text(finding, "") for finding in advice),
        *(_step(step) for step in steps),
    ]
    return _within_total(tuple(dict.fromkeys(texts)))


def _text(finding: Finding, prefix: str) -> str:
    """With the remedy where that fits the advised length."""
    full = printable(prefix + finding.text)
    if len(full) <= ADVISED_CHARACTERS:
        return full
    return clipped(printable(prefix + finding.message), f" [{finding.code}]", MAX_CHARACTERS)


def _step(step: Step) -> str:
    full = printable(f"{_WOULD}{step_text(step)}")
    return (
        full if len(full) <= ADVISED_CHARACTERS else clipped(f"{_WOULD}{shortest_step_text(step)}", "", MAX_CHARACTERS)
    )


def _within_total(texts: Sequence[str]) -> tuple[str, ...]:
    kept: list[str] = []
    total = sum(len(text) for text in texts)
    room = MAX_TOTAL_CHARACTERS if total <= MAX_TOTAL_CHARACTERS else MAX_TOTAL_CHARACTERS - _ROOM_FOR_THE_REST
    for text in texts:
        if len(text) > room:
            break
        room -= len(text)
        kept.append(text)
    left = len(texts) - len(kept)
    return (*kept, f"{left} more warnings do not fit here") if left else tuple(kept)
