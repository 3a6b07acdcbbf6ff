"""Commands that the supervisor waits for."""

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path

from lab.children import Children, end
from lab.errors import LabError
from lab.paths import CHECKOUT


async def run_to_its_end(
    children: Children,
    what: str,
    command: tuple[str, ...],
    *,
    environment: Mapping[str, str],
    log: Path,
    deadline_seconds: float,
) -> None:
    """Output goes to the end of `log`. Raises LabError with what was said when it does not end with 0 in time."""
    heard = _size(log)
    child = children.spawn(command, environment=environment, directory=CHECKOUT, output=log)
    try:
        async with asyncio.timeout(deadline_seconds):
            code = await asyncio.shield(child.exited)
    except TimeoutError:
        code = -signal.SIGALRM
    finally:
        await end(child)
    if code != 0:
        raise LabError(f"{what} ended with {code}:\n{_said_since(log, heard)}")


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _said_since(log: Path, offset: int) -> str:
    return log.read_bytes()[offset:].decode(errors="replace").strip()
