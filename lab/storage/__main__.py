"""`python -m lab.storage --endpoint unix:PATH --directory PATH`

Handles no signal: a copy in a thread cannot be cut short, and the driver is built to be killed at any moment.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from lab.storage.server import serving


@click.command()
@click.option("--endpoint", required=True, help="Where to listen, for example unix:/run/lab/csi.sock.")
@click.option(
    "--directory", required=True, type=click.Path(path_type=Path), help="Where volumes and snapshots are kept."
)
def main(endpoint: str, directory: Path) -> None:
    """Serve the lab's CSI driver until killed."""
    asyncio.run(_serve(endpoint, directory))


async def _serve(endpoint: str, directory: Path) -> None:
    async with serving(endpoint, directory, clock=lambda: datetime.now(UTC)) as server:
        await server.wait_for_termination()


if __name__ == "__main__":
    main()
