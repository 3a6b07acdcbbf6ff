"""Logs of one JSON object a line, which are being written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.kubectl import Json


def json_lines(files: Iterable[Path], *, about: str | None = None) -> Iterator[Json]:
    """One file after the other. `about` is a text that is to be in it; a line that is incomplete yet is none."""
    wanted = json.dumps(about).encode() if about is not None else b""
    for file in files:
        with file.open("rb") as lines:
            yield from (json.loads(line) for line in lines if wanted in line and line.endswith(b"\n"))
