"""`python -m lab`."""

import os
import shlex
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from lab.context import INSIDE, Lab
from lab.credentials import ADMIN, CLUSTER_AUTHORITY, MASTERS, load_authority, write_private
from lab.entering import run_inside
from lab.errors import LabError
from lab.kubeconfig import kubeconfig_for
from lab.lifecycle import bring_up, exclusive, outside_address, running, take_down
from lab.namespaces import require_privilege
from lab.paths import lab_paths
from lab.qemu.image import ensure_guest_image
from lab.record import Record, open_process
from lab.status import status_of
from lab.toolchain import ensure_prometheus, ensure_tools

SIMULATED = "simulated"
QEMU = "qemu"


class LabGroup(click.Group):
    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except LabError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LabGroup)
@click.option("--name", default="default", show_default=True, help="Labs of different names run side by side.")
@click.pass_context
def main(context: click.Context, name: str) -> None:
    """A real Kubernetes control plane on this machine."""
    signal.signal(signal.SIGTERM, _interrupt)
    context.obj = Lab(name, lab_paths(name))


@main.command()
@click.option("--snapgate", is_flag=True, help="Also install and run Snapgate's webhook and reconciler.")
@click.option(
    "--machines",
    type=click.Choice([SIMULATED, QEMU]),
    default=SIMULATED,
    show_default=True,
    help="qemu: real guests with the real guest agent.",
)
@click.pass_obj
def up(lab: Lab, machines: str, *, snapgate: bool) -> None:
    """Start the lab; returns when everything is ready."""
    require_privilege()
    started = time.monotonic()
    if (record := running(lab.paths)) is not None:
        _require_machines(lab, machines)
        _say(f"lab {lab.name} is already running at {outside_address(record.port)}")
        return
    with exclusive(lab.paths):
        guest = ensure_guest_image(_say) if machines == QEMU else None
        toolset = ensure_tools(_say)
        take_down(lab.paths)
        _say(f"starting lab {lab.name}")
        bring_up(lab, toolset, _say, snapgate=snapgate, guest=guest)
    _say(f"lab {lab.name} is ready after {time.monotonic() - started:.1f} s")
    _say(f'use it in this shell: eval "$(python -m lab --name {lab.name} env)"')


@main.command()
@click.pass_obj
def down(lab: Lab) -> None:
    """Stop the lab and remove every trace of it."""
    with exclusive(lab.paths):
        was_there = lab.paths.state.exists()
        take_down(lab.paths)
    _say(f"lab {lab.name} is gone" if was_there else f"lab {lab.name} was not running")


@main.command()
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def status(lab: Lab, output: str) -> None:
    """Show the components; exits 1 when the lab is not running."""
    found = status_of(lab)
    click.echo(found.as_json() if output == "json" else "\n".join(found.as_lines()))
    sys.exit(0 if found.running else 1)


@main.command()
@click.pass_obj
def env(lab: Lab) -> None:
    """Print what lets a shell use the lab."""
    _require_running(lab)
    click.echo(f"export KUBECONFIG={shlex.quote(str(lab.paths.kubeconfig))}")
    click.echo(f"export PATH={shlex.quote(str(lab.paths.binaries))}:$PATH")


@main.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def run(lab: Lab, command: tuple[str, ...]) -> None:
    """Run COMMAND inside the lab's namespaces."""
    require_privilege()
    pidfd = open_process(_require_running(lab))
    if pidfd is None:
        _not_running(lab)
    environment = {
        **os.environ,
        "KUBECONFIG": str(lab.kubeconfig(ADMIN, (MASTERS,))),
        "PATH": f"{lab.paths.binaries}:{os.environ.get('PATH', os.defpath)}",
    }
    sys.exit(run_inside(pidfd, command, environment))


@main.command()
@click.option("-f", "--follow", is_flag=True)
@click.argument("name", required=False)
@click.pass_obj
def logs(lab: Lab, name: str | None, *, follow: bool) -> None:
    """Show the log of one component, or the end of all."""
    if not lab.paths.logs.exists():  # those of a lab that crashed are there until the next `up` or `down`
        _not_running(lab)
    files = sorted(lab.paths.logs.glob(f"{name or '*'}.log"))
    if not files:
        known = ", ".join(sorted(path.stem for path in lab.paths.logs.glob("*.log")))
        raise LabError(f"there is no log {name}; there are {known}")
    lines = "+1" if name else "20"
    os.execvp("tail", ["tail", f"--lines={lines}", *(["-F"] if follow else []), *map(str, files)])


@main.command()
@click.option("--user", required=True, help="For example system:serviceaccount:snapgate-system:snapgate-webhook.")
@click.option("--group", "groups", multiple=True)
@click.option("--inside", is_flag=True, help="For use by a process inside the lab.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, for you alone.")
@click.pass_obj
def kubeconfig(lab: Lab, user: str, groups: Sequence[str], output: Path | None, *, inside: bool) -> None:
    """Issue a client certificate for a user, and print a kubeconfig with it."""
    server = INSIDE if inside else outside_address(_require_running(lab).port)
    authority = load_authority(lab.paths.pki, CLUSTER_AUTHORITY)
    text = kubeconfig_for(user, groups, server=server, authority=authority, now=datetime.now(UTC))
    if output is None:
        click.echo(text, nl=False)
    else:
        write_private(output, text.encode())


@main.command()
def tools() -> None:
    """Build what the lab runs, if it is not there yet, and print where it is."""
    click.echo(ensure_tools(_say).directory)


@main.command()
def prometheus() -> None:
    """Build the Prometheus that tests read metrics with, if it is not there yet, and print where it is."""
    click.echo(ensure_prometheus(_say))


@main.command()
def guests() -> None:
    """Make what real guests boot, if it is not there yet, and print where it is."""
    click.echo(ensure_guest_image(_say))


def _say(message: str) -> None:
    click.echo(message, err=True)


def _require_machines(lab: Lab, machines: str) -> None:
    running_with = QEMU if lab.paths.guest.exists() else SIMULATED
    if running_with != machines:
        raise LabError(
            f"lab {lab.name} is running with {running_with} machines; "
            f"take it down first: python -m lab --name {lab.name} down"
        )


def _require_running(lab: Lab) -> Record:
    record = running(lab.paths)
    if record is None:
        _not_running(lab)
    return record


def _not_running(lab: Lab) -> NoReturn:
    raise LabError(f"lab {lab.name} is not running; start it: python -m lab --name {lab.name} up")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM takes the same way out as ^C, so that it cleans up too."""
    raise KeyboardInterrupt
