"""`snapgate policy`: what becomes of each code, and who says so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console

from webhook.cli.console import action_text, columns, console, printed, told
from webhook.cli.policy_given import mode_option, policy_given
from webhook.findings.code import Profile
from webhook.findings.effective import described, effective
from webhook.findings.policy import Installation, Policy

_TEXT: Final = "text"
_JSON: Final = "json"


@click.command("policy")
@click.option(
    "--file",
    "-f",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="SNAPGATE_POLICY_FILE",
    help="The policy file. Default: $SNAPGATE_POLICY_FILE, else none.",
)
@click.option(
    "--profile",
    type=click.Choice([each.value for each in Profile]),
    help="Instead of the one that file or environment name.",
)
@mode_option
@click.option("-o", "--output", type=click.Choice([_TEXT, _JSON]), default=_TEXT, show_default=True)
def policy_command(path: Path | None, profile: str | None, mode: str, output: str) -> None:
    """Print what becomes of each code, and who says so.

    Also checks a policy file before it is installed:

    \b
        snapgate policy -f policy.yaml
    """
    policy = policy_given(path, profile, Installation(mode))
    if output == _JSON:
        click.echo(msgspec.json.format(msgspec.json.encode(described(policy, names=True))).decode())
    else:
        _print(policy, console())


def _print(policy: Policy, out: Console) -> None:
    permissions = "enforce" if policy.permissions_enforced else "warn"
    told(
        [
            f"mode         {policy.installation}",
            f"profile      {policy.profile} ({policy.profile_origin})",
            f"permissions  {permissions} ({policy.permissions_origin})",
            "",
        ],
        out,
    )
    table = columns("CODE", "CLASS", "REQUESTS FOR", "ACTION", "FROM")
    for line in effective(policy):
        table.add_row(
            line.code,
            "blocking" if line.blocking else "advisory",
            line.kind or "any",
            action_text(line.action),
            line.origin,
        )
    printed(table, out)
    if policy.escapes:
        out.print()
        escapes = columns("ONLY WARNED", "OF", "FROM")
        for escape in policy.escapes:
            names = [*(f"user {name}" for name in sorted(escape.users)), *(f"group {n}" for n in sorted(escape.groups))]
            escapes.add_row(", ".join(names), ", ".join(sorted(escape.codes)), escape.origin)
        printed(escapes, out)
