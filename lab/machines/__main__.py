"""`python -m lab.machines --kubeconfig FILE …`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click
import uvloop

from lab.machines.service import serve
from lab.machines.settings import Settings
from lab.service_log import log_to_standard_output

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--kubeconfig", required=True, type=_FILE)
@click.option("--state", required=True, type=_DIRECTORY, help="For frozen guests and their log.")
@click.option("--storage", required=True, type=_DIRECTORY, help="The CSI driver's directory.")
@click.option("--certificate", required=True, type=_FILE, help="Of the subresource API.")
@click.option("--key", required=True, type=_FILE)
@click.option("--authority", required=True, type=_FILE, help="Signed the certificate.")
@click.option("--front-proxy-authority", required=True, type=_FILE, help="Signed the front proxy's certificate.")
@click.option("--sockets", required=True, type=_DIRECTORY, help="For those of real guests.")
@click.option("--guest", type=_DIRECTORY, help="What real guests boot; without it they are simulated.")
def main(authority: Path, **options: Any) -> None:
    """Play the platform's machine side until killed: no signal needs handling, since every pass may be repeated."""
    log_to_standard_output()
    settings = Settings(authority_pem=authority.read_bytes(), **options)
    settings.state.mkdir(parents=True, exist_ok=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))


if __name__ == "__main__":
    main()
