"""The command `snapgate`: one module for each subcommand."""

from __future__ import annotations

import click

from webhook.cli.reconcile import reconcile_command
from webhook.cli.self_test import self_test_command
from webhook.cli.serve import serve_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="snapgate")
def main() -> None:
    """Admission gate and executor for virtual machine snapshots."""


for command in (reconcile_command, self_test_command, serve_command):
    main.add_command(command)


if __name__ == "__main__":
    main()
