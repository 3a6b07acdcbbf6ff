"""How a subcommand becomes a process of an installation."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import click
import uvloop
from pydantic import ValidationError

from webhook.app.logs import configure_logs
from webhook.app.policy_file import PolicyFileError
from webhook.app.settings import ProcessSettings
from webhook.findings.policy import PolicyError

S = TypeVar("S", bound=ProcessSettings)

SETTINGS_HELP: Final = "Everything is set by environment variables SNAPGATE_…; see `docs/operations.md`."


def run(settings: type[S], process: Callable[[S], Coroutine[Any, Any, None]]) -> None:
    try:
        given = settings()
        configure_logs(given.log_level)
    except (ValidationError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    try:
        uvloop.run(process(given))
    except (PolicyError, PolicyFileError) as error:
        raise click.ClickException(str(error)) from error
