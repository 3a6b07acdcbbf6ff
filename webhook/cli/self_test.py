"""`snapgate self-test`: what `helm test` runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from webhook.app.self_test import NotAnsweredError, self_test


@click.command("self-test")
@click.option("--namespace", default="default", show_default=True, help="One that the webhook looks at.")
@click.option("--kubeconfig", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def self_test_command(namespace: str, kubeconfig: Path | None) -> None:
    """Ask for something impossible, by dry run, and see whether it is denied. Nothing is written."""
    try:
        said = asyncio.run(self_test(namespace=namespace, kubeconfig=kubeconfig))
    except NotAnsweredError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"denied, as it must be: {said}")
