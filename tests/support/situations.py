"""Every code, in every mode, under every profile: what was found, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tests.support.cases import Case
from tests.support.copy_twins import COPIES
from tests.support.deletion_cases import DELETION_CASES
from tests.support.dependency_cases import DEPENDENCY_CASES
from tests.support.disk_snapshot_cases import DISK_CASES
from tests.support.machine_snapshot_cases import MACHINE_CASES
from tests.support.protection_cases import PROTECTION_CASES
from tests.support.recovery_cases import DISK_UPDATE_CASES, RECOVERY_CASES
from tests.support.restore_twins import RESTORES
from tests.support.shape_cases import SHAPE_CASES
from tests.support.snapshot_source_twins import SNAPSHOT_SOURCES
from tests.support.twins import MODES, Twin
from tests.support.update_cases import UPDATE_CASES
from tests.support.world import World
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.facts.request import Request
from webhook.findings.code import Action, Profile
from webhook.findings.policy import Policy

CASES: Final[tuple[Case, ...]] = (
    *DISK_CASES,
    *MACHINE_CASES,
    *DEPENDENCY_CASES,
    *UPDATE_CASES,
    *DELETION_CASES,
    *RECOVERY_CASES,
    *DISK_UPDATE_CASES,
    *PROTECTION_CASES,
    *SHAPE_CASES,
)
"""Requests that have no mode. Their codes are all that is found."""
TWINS: Final[tuple[Twin, ...]] = (*RESTORES, *SNAPSHOT_SOURCES, *COPIES)
NOT_EVALUATED: Final[Mapping[str, str]] = {"FactUnknown": "tests/unit/validation/test_judgement.py"}
"""Found where only a part of the cluster is seen, and tested there."""
NO_MODE: Final = "-"


@dataclass(frozen=True, slots=True)
class Cell:
    """One situation in which a code is looked for."""

    code: str
    asked: str
    mode: str
    situation: str
    actions: Mapping[Profile, Action | None]
    """None where it is not found."""

    @property
    def positive(self) -> bool:
        return any(self.actions.values())


def cells() -> Iterator[Cell]:
    for twin in TWINS:
        for mode in MODES:
            yield _cell(twin.code, twin.type, mode, twin.name, *twin.positive(mode))
            yield _cell(twin.code, twin.type, mode, f"not: {twin.name}", *twin.negative(mode))
    codes_by_asked: dict[str, set[str]] = {}
    for case in CASES:
        codes_by_asked.setdefault(asked(case), set()).update(case.codes)
    for case in CASES:
        for code in sorted(codes_by_asked[asked(case)]):
            yield _cell(code, asked(case), NO_MODE, case.name, case.request, case.arrange(World()))


def asked(case: Case) -> str:
    return f"{case.request.operation} {case.request.kind.name}"


def judged(request: Request, world: World, profile: Profile) -> Evaluation:
    return evaluate(request, world, Policy(profile))


def actions_for(code: str, evaluation: Evaluation) -> set[Action]:
    return {each.action for each in evaluation.findings if each.finding.code == code}


def _cell(code: str, asked_for: str, mode: str, situation: str, request: Request, world: World) -> Cell:
    taken = {profile: actions_for(code, judged(request, world, profile)) for profile in Profile}
    return Cell(code, asked_for, mode, situation, {profile: min(each, default=None) for profile, each in taken.items()})
