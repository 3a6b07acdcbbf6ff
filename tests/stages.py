"""Runs the stages of `make test` one after another, says how long each took, and ends with one count of all tests.

python -m tests.stages lint unit contract e2e
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).parent.parent
ARTIFACTS: Final = ROOT / "artifacts"
BIN: Final = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Stage:
    budget_minutes: float
    commands: tuple[tuple[str, ...], ...]
    counts_tests: bool = False


def _pytest(stage: str) -> tuple[str, ...]:
    report = f"--junit-xml={ARTIFACTS / stage}.xml"
    return (sys.executable, "-m", "pytest", f"tests/{stage}", "--durations=5", report)


STAGES: Final[dict[str, Stage]] = {
    "lint": Stage(
        4,
        (
            (str(BIN / "ruff"), "format", "--check", "."),
            (str(BIN / "ruff"), "check", "."),
            (str(BIN / "mypy"),),
            (str(BIN / "lint-imports"),),
            (sys.executable, "-m", "schemas", "--check"),
        ),
    ),
    "unit": Stage(3, (_pytest("unit"),), counts_tests=True),
    "contract": Stage(2, (_pytest("contract"),), counts_tests=True),
    "e2e": Stage(30, (_pytest("e2e"),), counts_tests=True),
}


@dataclass(frozen=True, slots=True)
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def counts_of(report: Path) -> Counts:
    total = Counts()
    for suite in ET.parse(report).getroot().iter("testsuite"):
        tests, skipped = int(suite.get("tests", "0")), int(suite.get("skipped", "0"))
        failed = int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        total += Counts(passed=tests - skipped - failed, failed=failed, skipped=skipped)
    return total


def run(name: str, stage: Stage) -> bool:
    print(f"\n=== {name} (budget {stage.budget_minutes:g} min)", flush=True)
    started = time.monotonic()
    ok = all(subprocess.run(command, cwd=ROOT, check=False).returncode == 0 for command in stage.commands)
    took = time.monotonic() - started
    in_time = took <= stage.budget_minutes * 60
    verdict = "ok" if ok else "FAILED"
    print(f"=== {name}: {verdict} in {took:.0f} s{'' if in_time else ', over its budget'}", flush=True)
    return ok and in_time


def main(names: Sequence[str]) -> int:
    ARTIFACTS.mkdir(exist_ok=True)
    for stale in ARTIFACTS.glob("*.xml"):
        stale.unlink()
    failed = [name for name in names if not run(name, STAGES[name])]
    reports = [ARTIFACTS / f"{name}.xml" for name in names if STAGES[name].counts_tests]
    total = sum((counts_of(report) for report in reports if report.exists()), start=Counts())
    if total.skipped and os.environ.get("SNAPGATE_REQUIRE_ALL"):
        failed.append("tests were skipped, which CI does not allow")
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    (ARTIFACTS / "summary.txt").write_text(f"{total}\n")
    print(f"\n{total}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
