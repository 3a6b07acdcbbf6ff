"""What kubectl runs: `kubectl-snapgate` for `kubectl snapgate`, `kubectl_complete-snapgate` to complete that."""

from __future__ import annotations

import sys
from typing import Final

import click
from click.shell_completion import ShellComplete

from webhook.cli.main import main

_NO_FILES: Final = 4
_FILES: Final = 0
"""Directives of cobra (completions.go, ShellCompDirective), which kubectl expects after a colon on the last line."""


def plugin() -> None:
    main(prog_name="kubectl snapgate")


def complete() -> None:
    """The words so far are the arguments, the last of them unfinished."""
    *given, unfinished = sys.argv[1:] or [""]
    items = ShellComplete(main, {}, "snapgate", "_SNAPGATE_COMPLETE").get_completions(given, unfinished)
    for item in items:
        if item.type == "plain":
            click.echo(f"{item.value}\t{item.help}" if item.help else item.value)
    click.echo(f":{_FILES if any(item.type in {'file', 'dir'} for item in items) else _NO_FILES}")
