"""`python -m webhook.cli.rules_page` writes docs/rules.md from the catalogue; `--check` only compares."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from webhook.cli.rules import rows
from webhook.findings.catalogue import CATALOGUE, SECTIONS
from webhook.findings.code import Code, Profile

COMMAND: Final = "python -m webhook.cli.rules_page"
PAGE: Final = Path(__file__).parents[2] / "docs" / "rules.md"
_INTRODUCTION: Final = f"""\
<!-- Generated from webhook/findings by `{COMMAND}`. Do not edit. -->
# Finding codes

Every reason that Snapgate gives ends with one of these {len(CATALOGUE)} codes; `snapgate rules CODE` says the same at
the terminal. A code never changes its meaning.

A **blocking** finding holds the request up: it is denied, or it waits, by profile: `strict` (the default of full mode),
`gitops` (what may yet become right waits) or `guard` (the default of guard mode, where nothing of ours waits and `wait`
means a warning). An **advisory** finding is a warning, or for information. In `mode: DryRun` conflicts are reported and
deny nothing. What becomes of single codes is set by [policy](policy.md), which `snapgate policy` prints.
"""


def page() -> str:
    return "\n".join([_INTRODUCTION, *_contents(), *_sections()]) + "\n"


def _contents() -> Iterator[str]:
    yield "| code | class | means |"
    yield "|---|---|---|"
    for codes in SECTIONS.values():
        for code in codes:
            yield f"| [{code.name}](#{code.name.lower()}) | {code.classes} | {_cell(code.title)} |"
    yield ""


def _sections() -> Iterator[str]:
    for section, codes in SECTIONS.items():
        yield f"## {section}\n"
        for code in codes:
            yield from _entry(code)


def _entry(code: Code) -> Iterator[str]:
    yield f"### {code.name}\n"
    yield f"**{code.title}.** {_prose(code.explanation)}\n"
    yield f"What to do: {_prose(code.remedy)}\n"
    yield f"    {code.example} [{code.name}]\n"
    yield f"| | {' | '.join(Profile)} |"
    yield f"|---|{'---|' * len(Profile)}"
    for where, actions in rows(code):
        yield f"| {where} | {' | '.join(actions.under(profile) for profile in Profile)} |"
    yield ""
    notes = " ".join(code.notes)
    if notes:
        yield f"{notes}\n"


def _prose(text: str) -> str:
    return text.replace("<", "&lt;")


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


def drift(path: Path) -> str | None:
    """What is to be done about the page; None when it is as generated."""
    if path.exists() and path.read_text() == page():
        return None
    return f"{path.name} is not as the catalogue has it; run `{COMMAND}` and commit what it wrote"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write docs/rules.md from the catalogue.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is not as generated")
    if not parser.parse_args(arguments).check:
        PAGE.write_text(page())
        return 0
    complaint = drift(PAGE)
    if complaint is not None:
        sys.stderr.write(f"{complaint}\n")
    return 1 if complaint is not None else 0


if __name__ == "__main__":
    sys.exit(main())
