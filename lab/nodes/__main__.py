"""`python -m lab.nodes --kubeconfig FILE …`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click
import uvloop

from lab.nodes.service import serve
from lab.nodes.settings import Settings
from lab.service_log import log_to_standard_output

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIRECTORY = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--kubeconfig", required=True, type=_FILE)
@click.option("--state", required=True, type=_DIRECTORY, help="For the files of pods.")
@click.option("--logs", required=True, type=_DIRECTORY, help="For what pods print.")
def main(**options: Any) -> None:
    """Run pods until killed, which ends them too: what has to be stopped in order is deleted before."""
    log_to_standard_output()
    settings = Settings(**options)
    settings.state.mkdir(parents=True, exist_ok=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))


if __name__ == "__main__":
    main()
