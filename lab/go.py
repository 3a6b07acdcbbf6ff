"""The Go toolchain that builds the lab's tools."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

MINIMUM = (1, 26)


@dataclass(frozen=True, slots=True)
class Go:
    command: str
    version: str
    """As `go env GOVERSION` has it: go1.26.8."""
    platform: str

    def environment(self) -> dict[str, str]:
        """GOFLAGS of the user, a workspace file or a newer toolchain would make other binaries under the same key."""
        return {**os.environ, **SETTINGS}


SETTINGS = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}


def find_go() -> Go:
    """Go of the PATH when new enough, else the one that `make install` put beside the interpreter."""
    beside = Path(sys.executable).parent / "go"
    for command in filter(None, (shutil.which("go"), str(beside) if beside.exists() else None)):
        go = _inspect(command)
        if go is not None and is_new_enough(go.version):
            return go
    raise LabError(
        "the lab's tools are built with Go 1.26 or newer, and none was found; run `make install`, which brings it"
    )


def is_new_enough(version: str) -> bool:
    found = re.match(r"go(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= MINIMUM


def _inspect(command: str) -> Go | None:
    asked = [command, "env", "GOVERSION", "GOOS", "GOARCH"]
    answer = subprocess.run(asked, env={**os.environ, **SETTINGS}, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        return None
    version, system, architecture = answer.stdout.split()
    return Go(command, version, f"{system}/{architecture}")
