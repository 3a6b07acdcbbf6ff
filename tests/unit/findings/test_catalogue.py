from __future__ import annotations

import re

import pytest

from webhook.findings.catalogue import CATALOGUE
from webhook.findings.code import Code
from webhook.findings.policy import CODES

every_code = pytest.mark.parametrize("code", CATALOGUE, ids=lambda code: code.name)


def test_catalogue_is_in_order_and_names_each_code_once() -> None:
    names = [code.name for code in CATALOGUE]
    assert names == sorted(set(names))
    assert set(CODES) == set(names)


@every_code
def test_code_is_written_in_camel_case(code: Code) -> None:
    assert re.fullmatch(r"(?:[A-Z][a-z]+)+", code.name)


@every_code
def test_title_states_what_is(code: Code) -> None:
    assert re.fullmatch(r"[A-Z][^.;:!?]{5,60}", code.title)


@every_code
@pytest.mark.parametrize("part", ["explanation", "remedy"])
def test_explanation_and_remedy_are_plain_sentences(code: Code, part: str) -> None:
    text = getattr(code, part)
    assert re.fullmatch(r"[A-Z].{10,250}\.", text)
    assert not re.search(r"\b(?:invalid|failed to|error|please|sorry)\b|  ", text, re.IGNORECASE)


@every_code
def test_texts_of_a_code_say_different_things(code: Code) -> None:
    assert len({code.title, code.explanation, code.remedy}) == 3


@every_code
def test_code_blocks_or_advises(code: Code) -> None:
    assert code.blocking or code.advisory
    assert code.blocking or not code.blocking_by_kind
