"""`python -m tests.matrix` writes artifacts/matrix.md: what becomes of each code in each mode under each profile."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

from tests.support.situations import NOT_EVALUATED, Cell, cells
from webhook.findings.catalogue import CODES
from webhook.findings.code import Profile

REPORT: Final = Path(__file__).parent.parent / "artifacts" / "matrix.md"
_HEAD: Final = f"| code | request | mode | {' | '.join(Profile)} | found in | not found in |\n|{'---|' * 8}"


def report() -> str:
    groups: defaultdict[tuple[str, str, str], list[Cell]] = defaultdict(list)
    for cell in cells():
        groups[cell.code, cell.asked, cell.mode].append(cell)
    lines = [_row(*key, groups[key]) for key in sorted(groups)]
    elsewhere = [f"\n`{code}` is tested in {path}." for code, path in NOT_EVALUATED.items()]
    told = f"# What becomes of {len(CODES)} codes\n\n{sum(map(len, groups.values()))} situations, {len(lines)} rows.\n"
    return "\n".join([told, _HEAD, *lines, *elsewhere, ""])


def _row(code: str, asked: str, mode: str, found: list[Cell]) -> str:
    positive = [cell for cell in found if cell.positive]
    taken = [
        "/".join(sorted({str(cell.actions[profile]) for cell in positive if cell.actions[profile]})) or "not found"
        for profile in Profile
    ]
    return f"| {code} | {asked} | {mode} | {' | '.join(taken)} | {len(positive)} | {len(found) - len(positive)} |"


def main() -> None:
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report())
    sys.stdout.write(f"{REPORT}\n")


if __name__ == "__main__":
    main()
