"""docs/rules.md, `snapgate rules` and SARIF show an example for each code: what it shows is what users are told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.support.situations import CASES, NOT_EVALUATED, TWINS, judged
from tests.support.twins import MODES
from tests.support.world import World
from webhook.evaluation.evaluate import Evaluation
from webhook.findings.catalogue import CODES
from webhook.findings.code import Profile


@pytest.fixture(scope="module")
def told() -> dict[str, set[str]]:
    """By code, all that is said in the situations of the tests."""
    texts: defaultdict[str, set[str]] = defaultdict(set)
    for evaluation in evaluations():
        for each in evaluation.findings:
            texts[each.finding.code].add(shape(each.finding.text))
    return texts


def evaluations() -> Iterator[Evaluation]:
    for profile in (Profile.STRICT, Profile.GUARD):
        for twin in TWINS:
            for mode in MODES:
                yield judged(*twin.positive(mode), profile)
        for case in CASES:
            yield judged(case.request, case.arrange(World()), profile)


def shape(text: str) -> str:
    """Any name that is too long is as good as another."""
    return re.sub(r"\b[a-z][-a-z0-9]{39,}\b", "LONG", text)


@pytest.mark.parametrize("code", sorted(CODES.keys() - NOT_EVALUATED.keys()))
def test_example_is_what_is_told(code: str, told: dict[str, set[str]]) -> None:
    assert shape(f"{CODES[code].example} [{code}]") in told[code]
