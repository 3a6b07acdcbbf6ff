"""Runs the stages of `make test` one after another, says how long each took, and ends with one count of all tests.

python -m tests.stages lint unit contract e2e
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
        10,
        (
            (str(BIN / "ruff"), "format", "--check", "."),
            (str(BIN / "ruff"), "check", "."),
            (str(BIN / "mypy"),),
            (str(BIN / "lint-imports"),),
            (sys.executable, "-m", "schemas", "--check"),
            (sys.executable, "-m", "webhook.cli.rules_page", "--check"),
            (sys.executable, "-m", "charts", "--check"),
        ),
    ),
    "unit": Stage(8, (_pytest("unit"),), counts_tests=True),
    "contract": Stage(2, (_pytest("contract"),), counts_tests=True),
    "e2e": Stage(45, (_pytest("e2e"),), counts_tests=True),
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


def counts_of(junit: Path) -> Counts:
    total = Counts()
    for suite in ET.parse(junit).getroot().iter("testsuite"):
        tests, skipped = int(suite.get("tests", "0")), int(suite.get("skipped", "0"))
        failed = int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        total += Counts(passed=tests - skipped - failed, failed=failed, skipped=skipped)
    return total


@dataclass(frozen=True, slots=True)
class Result:
    ok: bool
    seconds: float
    output: str


def run(stage: Stage, *, quietly: bool = False) -> Result:
    """Quietly: what is printed is kept for later, so that it does not mix with that of another stage."""
    started = time.monotonic()
    output = ""
    for command in stage.commands:
        pipe = subprocess.PIPE if quietly else None
        done = subprocess.run(command, cwd=ROOT, check=False, text=True, stdout=pipe, stderr=pipe and subprocess.STDOUT)
        output += done.stdout or ""
        if done.returncode != 0:
            return Result(False, time.monotonic() - started, output)
    return Result(True, time.monotonic() - started, output)


def report(name: str, stage: Stage, result: Result) -> bool:
    in_time = result.seconds <= stage.budget_minutes * 60
    verdict = "ok" if result.ok else "FAILED"
    late = "" if in_time else ", over its budget"
    print(f"{result.output}=== {name}: {verdict} in {result.seconds:.0f} s{late}", flush=True)
    return result.ok and in_time


def run_all(names: Sequence[str]) -> list[str]:
    """The names of those that failed. Lint runs beside the first tests: there are two cores, and each uses one."""
    failed = []
    with ThreadPoolExecutor(max_workers=1) as beside:
        linting = beside.submit(run, STAGES["lint"], quietly=True) if "lint" in names else None
        for name in (each for each in names if each != "lint"):
            if name == "e2e" and linting is not None:
                linting.result()
            print(f"\n=== {name} (budget {STAGES[name].budget_minutes:g} min)", flush=True)
            if not report(name, STAGES[name], run(STAGES[name])):
                failed.append(name)
        if linting is not None:
            print(f"\n=== lint (budget {STAGES['lint'].budget_minutes:g} min)", flush=True)
            if not report("lint", STAGES["lint"], linting.result()):
                failed.append("lint")
    return failed


def main(names: Sequence[str]) -> int:
    ARTIFACTS.mkdir(exist_ok=True)
    for stale in ARTIFACTS.glob("*.xml"):
        stale.unlink()
    failed = run_all(names)
    reports = [ARTIFACTS / f"{name}.xml" for name in names if STAGES[name].counts_tests]
    total = sum((counts_of(each) for each in reports if each.exists()), start=Counts())
    if total.skipped and os.environ.get("SNAPGATE_REQUIRE_ALL"):
        failed.append("tests were skipped, which CI does not allow")
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    (ARTIFACTS / "summary.txt").write_text(f"{total}\n")
    print(f"\n{total}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
