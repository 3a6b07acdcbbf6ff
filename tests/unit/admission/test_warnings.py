from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from webhook.admission.warnings import MAX_CHARACTERS, MAX_TOTAL_CHARACTERS, warnings
from webhook.api.reference import Reference
from webhook.evaluation.evaluate import Evaluation, Judged
from webhook.findings.code import Action
from webhook.findings.finding import Finding

SUBJECT = Reference("VirtualDiskSnapshot", "default", "snap")


def finding(message: str, *, remedy: str | None = None, code: str = "SeveralDrivers") -> Finding:
    return Finding(code, False, "spec", message, SUBJECT, remedy)


def evaluation(*findings: Finding, action: Action = Action.WARN) -> Evaluation:
    return Evaluation(tuple(Judged(each, action) for each in findings))


def test_short_finding_is_a_warning_with_its_remedy() -> None:
    assert warnings(evaluation(finding("a disk is far away", remedy="walk"))) == (
        "a disk is far away; walk [SeveralDrivers]",
    )


def test_remedy_is_left_out_when_the_warning_would_be_over_the_advised_length() -> None:
    assert warnings(evaluation(finding("x" * 60, remedy="y" * 60))) == (f"{'x' * 60} [SeveralDrivers]",)


def test_long_message_is_cut_before_the_code() -> None:
    (text,) = warnings(evaluation(finding("x" * 1000)))
    assert len(text) == MAX_CHARACTERS
    assert text.endswith("… [SeveralDrivers]")


def test_waiting_is_said_first_and_as_what_will_happen() -> None:
    waits = Judged(finding("the disk is missing"), Action.WAIT)
    advises = Judged(finding("an image is attached"), Action.WARN)
    assert warnings(Evaluation((advises, waits))) == (
        "stays Pending: the disk is missing [SeveralDrivers]",
        "an image is attached [SeveralDrivers]",
    )


def test_warnings_come_with_a_denial_too_and_promise_nothing() -> None:
    denies = Judged(finding("no"), Action.DENY)
    waits = Judged(finding("the disk is missing"), Action.WAIT)
    assert warnings(Evaluation((denies, waits))) == ("the disk is missing [SeveralDrivers]",)


def test_dry_run_tells_what_is_worth_knowing() -> None:
    informs = Judged(finding("the disk is replaced"), Action.INFO)
    assert warnings(Evaluation((informs,)), dry_run=True) == ("the disk is replaced [SeveralDrivers]",)


def test_denied_dry_run_tells_of_nothing_that_would_happen() -> None:
    informs = Judged(finding("the disk is replaced"), Action.INFO)
    advises = Judged(finding("an image is missing"), Action.WARN)
    denies = Judged(finding("no"), Action.DENY)
    assert warnings(Evaluation((informs, advises, denies)), dry_run=True) == ("an image is missing [SeveralDrivers]",)


def test_equal_warnings_are_said_once() -> None:
    assert len(warnings(evaluation(finding("same"), finding("same")))) == 1


def test_what_does_not_fit_is_counted() -> None:
    texts = warnings(evaluation(*(finding(f"{number} {'x' * 250}") for number in range(40))))
    assert texts[-1] == f"{40 - len(texts) + 1} more warnings do not fit here"


@given(st.lists(st.text()))
def test_the_api_server_drops_none_of_them(messages: list[str]) -> None:
    texts = warnings(evaluation(*(finding(message) for message in messages)))
    assert sum(map(len, texts)) <= MAX_TOTAL_CHARACTERS
    assert not any(unicodedata.category(each) == "Cc" for text in texts for each in text)
