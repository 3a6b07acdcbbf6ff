"""`snapgate serve` and `snapgate reconcile`: the two processes of an installation."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import click
import uvloop
from pydantic import ValidationError

from webhook.app.logs import configure_logs
from webhook.app.reconcile import reconcile
from webhook.app.serve import serve
from webhook.app.settings import ProcessSettings, ReconcilerProcessSettings, WebhookSettings

S = TypeVar("S", bound=ProcessSettings)

SETTINGS_HELP: Final = "Everything is set by environment variables SNAPGATE_…; see `docs/operations.md`."


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="snapgate")
def main() -> None:
    """Admission gate and executor for virtual machine snapshots."""


@main.command("serve", help=f"Answer the API server's admission reviews.\n\n{SETTINGS_HELP}")
def serve_command() -> None:
    _run(WebhookSettings, serve)


@main.command("reconcile", help=f"Execute accepted snapshots.\n\n{SETTINGS_HELP}")
def reconcile_command() -> None:
    _run(ReconcilerProcessSettings, reconcile)


def _run(settings: type[S], process: Callable[[S], Coroutine[Any, Any, None]]) -> None:
    try:
        given = settings()
        configure_logs(given.log_level)
    except (ValidationError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    uvloop.run(process(given))


if __name__ == "__main__":
    main()
