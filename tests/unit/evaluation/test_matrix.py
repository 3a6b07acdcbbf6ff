"""Every code in every mode under every profile: found where it should be, and not where not; and what becomes of it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from tests.matrix import report
from tests.support.action_table import BY_CODE
from tests.support.shape_cases import SHAPE_CASES, ShapeCase
from tests.support.situations import CASES, NOT_EVALUATED, TWINS, Cell, actions_for, asked, cells, judged
from tests.support.twins import MODES, Twin
from tests.support.world import World
from webhook.evaluation.evaluate import Evaluation
from webhook.findings.catalogue import CODES
from webhook.findings.code import Action, Profile

OWN = {
    "BlockMissing",
    "NameCollision",
    "NameInvalid",
    "NameTooLong",
    "NoRenaming",
    "ReplacementAmbiguous",
    "ReplacementKindUnknown",
    "SchemaInvalid",
    "SpecImmutable",
}
"""What the manifest itself gets wrong: refused in mode DryRun too."""
IN_MODES = [pytest.param(*each, id=f"{each[0]}, {each[1]}") for each in product(TWINS, MODES)]


def codes(evaluation: Evaluation) -> set[str]:
    return {each.finding.code for each in evaluation.findings}


@pytest.mark.parametrize(("twin", "mode"), IN_MODES)
def test_exactly_what_is_wrong_is_found(twin: Twin, mode: str) -> None:
    assert codes(judged(*twin.positive(mode), Profile.STRICT)) == twin.expected(mode)


@pytest.mark.parametrize(("twin", "mode"), IN_MODES)
def test_nearest_situation_without_it_is_not_blamed(twin: Twin, mode: str) -> None:
    assert codes(judged(*twin.negative(mode), Profile.STRICT)) == twin.expected_right()


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize(("twin", "mode"), IN_MODES)
def test_policy_does_with_it_what_the_catalogue_says(twin: Twin, mode: str, profile: Profile) -> None:
    taken = actions_for(twin.code, judged(*twin.positive(mode), profile))
    assert taken == (set() if mode in twin.absent_in else {expected(twin, mode, profile)})


def expected(twin: Twin, mode: str, profile: Profile) -> Action:
    row = BY_CODE[twin.code]
    blocks = "blocking" in row.actions and mode not in twin.advises_in
    action = row.expected(profile, blocks=blocks, kind=twin.positive(mode)[0].kind.name)
    only_told = mode == "DryRun" and twin.code not in OWN and action in {Action.DENY, Action.WAIT}
    return Action.WARN if only_told else action


@pytest.mark.parametrize("case", SHAPE_CASES, ids=str)
def test_what_an_operation_itself_gets_wrong_is_found_in_the_order_of_its_fields(case: ShapeCase) -> None:
    evaluation = judged(case.request, case.arrange(World()), Profile.STRICT)
    assert tuple(each.finding.code for each in evaluation.findings) == case.codes


@pytest.fixture(scope="module")
def looked_for() -> list[Cell]:
    return list(cells())


def test_every_code_is_found_somewhere_and_not_found_somewhere(looked_for: list[Cell]) -> None:
    assert {cell.code for cell in looked_for if cell.positive} | NOT_EVALUATED.keys() == CODES.keys()
    assert {cell.code for cell in looked_for if not cell.positive} | NOT_EVALUATED.keys() == CODES.keys()


def test_every_code_of_operations_is_tried_in_all_modes() -> None:
    without_mode = {code for case in CASES for code in case.codes if "Operation" in asked(case)}
    in_modes = {twin.code for twin in TWINS}
    assert without_mode - in_modes == {"BlockMissing", "RestoreInterrupted", "SchemaInvalid", "SpecImmutable"}


@pytest.mark.parametrize(("code", "path"), NOT_EVALUATED.items())
def test_what_no_evaluation_finds_is_tested_elsewhere(code: str, path: str) -> None:
    assert code in Path(path).read_text()


def test_report_has_a_row_for_each_code_and_mode() -> None:
    printed = report()
    rows = {tuple(cell.strip() for cell in line.split("|")[1:4]) for line in printed.splitlines() if "|" in line}
    assert {(twin.code, twin.type, mode) for twin, mode in product(TWINS, MODES)} <= rows
