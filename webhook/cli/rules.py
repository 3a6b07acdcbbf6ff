"""`snapgate rules`: the codes, and what one of them means."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from webhook.cli.console import action_text, columns, console, printed
from webhook.findings.catalogue import CODES, SECTIONS, unknown
from webhook.findings.code import Actions, Code, Profile


def complete_codes(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    wanted = incomplete.lower()
    return [CompletionItem(name, help=code.title) for name, code in CODES.items() if name.lower().startswith(wanted)]


@click.command("rules")
@click.argument("code", required=False, shell_complete=complete_codes)
def rules_command(code: str | None) -> None:
    """Explain the code at the end of a message, or list all codes.

    \b
        snapgate rules DiskNotReady
    """
    out = console()
    if code is None:
        printed(_listed(), out)
    else:
        _explain(_code(code), out)


def _code(written: str) -> Code:
    """As it was copied from a message, or typed."""
    name = written.strip("[]")
    by_lower_case = {each.lower(): code for each, code in CODES.items()}
    code = by_lower_case.get(name.lower())
    if code is None:
        complaint = unknown(name)
        raise click.UsageError(f"{complaint}{'' if complaint.endswith('?') else '.'} All of them: snapgate rules")
    return code


def _listed() -> Table:
    table = columns("CODE", "CLASS", "MEANS")
    for section, codes in SECTIONS.items():
        table.add_row(Text(section, style="bold"), "", "")
        for code in codes:
            table.add_row(f"  {code.name}", code.classes, code.title)
    return table


def _explain(code: Code, out: Console) -> None:
    out.print(Text.assemble((code.name, "bold"), f": {code.title}"), soft_wrap=True)
    for text in (code.explanation, f"What to do: {code.remedy}", f"For example: {code.example} [{code.name}]"):
        out.print()
        out.print(Padding(Text(text), (0, 0, 0, 2), expand=False))
    out.print()
    table = columns("  WHERE", *Profile)
    for where, actions in rows(code):
        table.add_row(f"  {where}", *(action_text(actions.under(profile)) for profile in Profile))
    printed(table, out)
    notes = list(code.notes)
    if notes:
        out.print()
        for note in notes:
            out.print(Padding(Text(note), (0, 0, 0, 2), expand=False))


def rows(code: Code) -> Iterator[tuple[str, Actions]]:
    """What each profile does, where the code blocks, where it blocks otherwise, and where it advises."""
    if code.blocking is not None:
        yield "blocking", code.blocking
    for kind, actions in code.blocking_by_kind.items():
        yield f"blocking ({kind})", actions
    if code.advisory is not None:
        yield f"advisory ({code.advisory_when})" if code.advisory_when else "advisory", code.advisory
