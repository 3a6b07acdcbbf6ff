"""The policy that a command works with, from its options and the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from webhook.app.policy_file import Given, PolicyFileError, policy_from, policy_without_file
from webhook.findings.code import Profile
from webhook.findings.policy import Installation, Policy, PolicyError

_PROFILE_VARIABLE: Final = "SNAPGATE_PROFILE"

mode_option = click.option(
    "--mode",
    type=click.Choice([each.value for each in Installation]),
    envvar="SNAPGATE_MODE",
    default=Installation.FULL.value,
    show_default=True,
    help="guard: webhooks only, no reconciler of ours.",
)


def policy_given(path: Path | None, profile: str | None, installation: Installation) -> Policy:
    """Raises click.ClickException for a file or a combination that no process would start with."""
    try:
        return _policy(path, _given(profile, installation))
    except (PolicyFileError, PolicyError) as error:
        raise click.ClickException(str(error)) from error


def _given(profile: str | None, installation: Installation) -> Given:
    """The environment is taken as the processes take it."""
    if profile is not None:
        return Given(installation, Profile(profile), "--profile", insists=True)
    said = os.environ.get(_PROFILE_VARIABLE)
    if said is not None and said not in [*Profile]:
        raise click.UsageError(f"{_PROFILE_VARIABLE}: {said} is not one of {', '.join(Profile)}")
    return Given(installation, Profile(said) if said is not None else None, _PROFILE_VARIABLE)


def _policy(path: Path | None, given: Given) -> Policy:
    if path is None:
        return policy_without_file(given)
    try:
        text = path.read_text()
    except OSError as error:
        raise PolicyFileError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise PolicyFileError(f"{path}: this is not UTF-8") from error
    return policy_from(text, path.name, given)
