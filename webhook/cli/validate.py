"""`snapgate validate`: what admission would say, before anything is applied."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from webhook.cli.console import console, print_any_character
from webhook.cli.policy_given import mode_option, policy_given
from webhook.cli.validation_fix import fixer
from webhook.cli.validation_text import complaints, print_text
from webhook.findings.code import Profile
from webhook.findings.policy import Installation, Policy
from webhook.kube.connect import connect
from webhook.kube.context import DEFAULT_NAMESPACE, context_namespace
from webhook.kube.errors import UnauthorizedError, UnreachableError
from webhook.validation.check import Checked, ExitCode, check
from webhook.validation.dialect import Dialect, expected_dialect
from webhook.validation.documents import Document, Unreadable
from webhook.validation.files import STANDARD_INPUT, as_it_is, documents_in, inventory_in
from webhook.validation.judgement import Judgement, over
from webhook.validation.live import LiveFacts, own_user, served_dialect
from webhook.validation.result import results_of
from webhook.validation.sarif import sarif_of

EXAMPLES: Final = """\b
Examples:
  snapgate validate -f restore.yaml
  snapgate validate -R -f manifests/ --inventory dump/
  helm template . | snapgate validate -f -
  snapgate validate --fix -f restore.yaml

Ends with 0 when nothing is denied, 1 when something is, 2 when it could not be decided."""

_AUTO: Final = "auto"


@dataclass(frozen=True, slots=True)
class Options:
    names: tuple[str, ...]
    recursive: bool
    inventory: str | None
    output: str
    fixing: bool
    policy: Path | None
    profile: str | None
    mode: str
    against: str
    namespace: str | None
    kubeconfig: Path | None
    context: str | None

    @property
    def rewrites_input(self) -> bool:
        """Then standard output is the rewritten input, and what is found goes to standard error."""
        return self.fixing and STANDARD_INPUT in self.names

    @property
    def dialect(self) -> Dialect | None:
        return None if self.against == _AUTO else Dialect(self.against)


@click.command("validate", epilog=EXAMPLES)
@click.option(
    "-f",
    "--filename",
    "names",
    type=click.Path(allow_dash=True),
    multiple=True,
    required=True,
    metavar="FILE|DIR|-",
    help="What to check.",
)
@click.option("-R", "--recursive", is_flag=True, help="Directories with all that is in them.")
@click.option(
    "--inventory",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Objects exported from a cluster, to be checked against instead of one.",
)
@click.option("-o", "--output", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.option("--fix", "fixing", is_flag=True, help="Rewrite what has one right answer; - goes to standard output.")
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="SNAPGATE_POLICY_FILE",
    metavar="FILE",
    help="The policy file of the installation. Default: $SNAPGATE_POLICY_FILE, else none.",
)
@click.option("--profile", type=click.Choice([each.value for each in Profile]), help="Whatever the policy file says.")
@mode_option
@click.option(
    "--against",
    type=click.Choice([_AUTO, *(each.value for each in Dialect)]),
    default=_AUTO,
    show_default=True,
    help="Whose CRDs: Snapgate's take the documented spelling of renaming rules, the platform's do not.",
)
@click.option("-n", "--namespace", help="Of documents that name none; otherwise that of the context.")
@click.option("--kubeconfig", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="As for kubectl.")
@click.option("--context", help="As for kubectl.")
def validate_command(**options: object) -> None:
    """Check manifests of snapshots, restores and clones as admission would, before they are applied."""
    print_any_character()
    with undecided_on_failure():
        exit_code = _validate(Options(**options))  # type: ignore[arg-type]  # click has checked them
    sys.exit(exit_code)


@contextmanager
def undecided_on_failure() -> Iterator[None]:
    """click and Python end with 1 on any failure, which is what a denial ends with."""
    try:
        yield
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.UNDECIDED)
    except (UnauthorizedError, UnreachableError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(ExitCode.UNDECIDED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at its end
        sys.exit(ExitCode.UNDECIDED)
    except KeyboardInterrupt:
        sys.exit(ExitCode.UNDECIDED)
    except Exception:  # noqa: BLE001 - a defect of ours decides nothing
        click.echo(f"{traceback.format_exc()}error: this met a defect of Snapgate; nothing was decided", err=True)
        sys.exit(ExitCode.UNDECIDED)


def _validate(given: Options) -> ExitCode:
    policy = policy_given(given.policy, given.profile, Installation(given.mode))
    checked = asyncio.run(_checked(given, policy))
    for line in complaints(checked):
        click.echo(line, err=True)
    _print(checked, given)
    return checked.exit_code


async def _checked(options: Options, policy: Policy) -> Checked:
    if options.inventory is not None:
        facts, unreadable = inventory_in(options.inventory)
        dialect = options.dialect or expected_dialect(policy.installation)
        judgement = Judgement(over(facts, policy), policy, options.namespace or DEFAULT_NAMESPACE, dialect)
        return await check(judgement, [*unreadable, *_documents(options, judgement)])
    namespace = options.namespace or context_namespace(kubeconfig=options.kubeconfig, context=options.context)
    client = await connect(kubeconfig=options.kubeconfig, context=options.context)
    try:
        dialect = options.dialect or await served_dialect(client) or expected_dialect(policy.installation)
        user = await own_user(client)
        if user is not None:
            policy = policy.for_user(user.username, user.groups)
        judgement = Judgement(LiveFacts(client, policy, user).evaluate, policy, namespace, dialect)
        return await check(judgement, _documents(options, judgement))
    finally:
        await client.close()


def _documents(options: Options, judgement: Judgement) -> list[Document | Unreadable]:
    """All are read, and rewritten, before the first is judged."""
    aside = options.rewrites_input or options.output != "text"
    prepare = fixer(judgement, tell=lambda text: click.echo(text, err=aside)) if options.fixing else as_it_is
    found = documents_in(options.names, recursive=options.recursive, read_input=sys.stdin.buffer.read, prepare=prepare)
    return list(found)


def _print(checked: Checked, options: Options) -> None:
    match options.output:
        case "json":
            text = results_of(checked.outcomes).model_dump_json(indent=2)
        case "sarif":
            text = sarif_of(checked)
        case _:
            stream = sys.stderr if options.rewrites_input else sys.stdout
            print_text(checked, console(stream))
            return
    click.echo(text, err=options.rewrites_input)
