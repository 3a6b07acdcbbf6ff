"""`snapgate serve`: the webhook."""

from __future__ import annotations

import click

from webhook.app.serve import serve
from webhook.app.settings import WebhookSettings
from webhook.cli.process import SETTINGS_HELP, run


@click.command("serve", help=f"Answer the API server's admission reviews.\n\n{SETTINGS_HELP}")
def serve_command() -> None:
    run(WebhookSettings, serve)
