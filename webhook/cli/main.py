"""The command `snapgate`: one module for each subcommand."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

SUBCOMMANDS: Final = ("policy", "reconcile", "rules", "self-test", "serve", "validate")
"""Each is the command `<name>_command` of the module `webhook.cli.<name>`, with underscores."""


class Subcommands(click.Group):
    """Imports a subcommand when it is asked for: shell completion must not wait for what the servers need."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in SUBCOMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"webhook.cli.{name}"), f"{name}_command")
        return command


@click.group(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="snapgate")
def main() -> None:
    """Admission gate and executor for virtual machine snapshots.

    Completion of commands and codes in bash (for zsh and fish put their names):

    \b
        eval "$(_SNAPGATE_COMPLETE=bash_source snapgate)"

    `kubectl snapgate` is the same command, and kubectl completes it.
    """


if __name__ == "__main__":
    main()
