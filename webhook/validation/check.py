"""All documents of one invocation, judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from webhook.validation.documents import Document, Unreadable
from webhook.validation.judgement import Judgement, Outcome, Verdict

NO_OBJECT = "this is no Kubernetes object: it has no kind"


class ExitCode(IntEnum):
    NOTHING_DENIED = 0
    DENIED = 1
    UNDECIDED = 2
    """Also when something could not be read, or there was nothing to read."""


@dataclass(frozen=True, slots=True)
class Checked:
    """In the order in which the documents were given."""

    outcomes: tuple[Outcome, ...]
    unreadable: tuple[Unreadable, ...] = ()
    others: int = 0
    """Documents that are no business of Snapgate's."""

    @property
    def exit_code(self) -> ExitCode:
        verdicts = {outcome.verdict for outcome in self.outcomes}
        if Verdict.DENY in verdicts:
            return ExitCode.DENIED
        nothing = not self.outcomes and not self.others
        undecided = Verdict.UNDECIDED in verdicts or self.unreadable or nothing
        return ExitCode.UNDECIDED if undecided else ExitCode.NOTHING_DENIED


async def check(judgement: Judgement, given: Iterable[Document | Unreadable]) -> Checked:
    outcomes: list[Outcome] = []
    unreadable: list[Unreadable] = []
    others = 0
    for each in given:
        if isinstance(each, Unreadable):
            unreadable.append(each)
        elif not is_object(each):
            unreadable.append(not_an_object(each))
        elif (form := judgement.form(each)) is not None:
            outcomes.append(await judgement.of(each, form))
        else:
            others += 1
    return Checked(tuple(outcomes), tuple(unreadable), others)


def is_object(document: Document) -> bool:
    return document.object is not None and isinstance(document.object.get("kind"), str)


def not_an_object(document: Document) -> Unreadable:
    place = document.place(())
    return Unreadable(document.file, NO_OBJECT, place.line if place else 0, place.column if place else 0)
