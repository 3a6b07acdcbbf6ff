"""`snapgate reconcile`: the executor."""

from __future__ import annotations

import click

from webhook.app.reconcile import reconcile
from webhook.app.settings import ReconcilerProcessSettings
from webhook.cli.process import SETTINGS_HELP, run


@click.command("reconcile", help=f"Execute accepted snapshots.\n\n{SETTINGS_HELP}")
def reconcile_command() -> None:
    run(ReconcilerProcessSettings, reconcile)
