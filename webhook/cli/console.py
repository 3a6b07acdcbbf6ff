"""Text for people: in colour and fitted to a terminal, plain and in full lines elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from errno import EPIPE
from io import TextIOWrapper
from typing import Final, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from webhook.findings.code import Action

PLAIN_WIDTH: Final = 240
"""Where nobody's terminal has to be fitted: what is searched or compared must not be broken into lines."""
STYLES: Final = {
    Action.DENY: "bold red",
    Action.WAIT: "yellow",
    Action.WARN: "cyan",
    Action.INFO: "",
    Action.OFF: "dim",
}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Rich ends the process with 1, which is for the command to choose."""
        raise BrokenPipeError(EPIPE, os.strerror(EPIPE))


def print_any_character() -> None:
    """Standard output of a locale without UTF-8 shows escapes of what it cannot show."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def console(out: TextIO | None = None) -> Console:
    """Of standard output when it is not said."""
    out = out or sys.stdout
    return _Console(file=out, width=None if out.isatty() else PLAIN_WIDTH, highlight=False, markup=False, emoji=False)


def columns(*headers: str) -> Table:
    table = Table(*headers, box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in table.columns:
        column.overflow = "fold"
    return table


def action_text(action: Action) -> Text:
    return Text(action, style=STYLES[action])


def printed(table: Table, to: Console) -> None:
    """Without the blanks that fill up the last column, so that lines compare."""
    if to.is_terminal:
        to.print(table)
        return
    with to.capture() as capture:
        to.print(table)
    to.file.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def told(lines: Sequence[str], to: Console) -> None:
    for line in lines:
        to.print(line, soft_wrap=True)
