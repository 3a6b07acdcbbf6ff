"""The command `snapgate` as someone runs it at a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.kubectl import Answer

SNAPGATE: Final = Path(sys.executable).parent / "snapgate"
"""Where pip puts the entry point; `kubectl-snapgate` is beside it."""


def snapgate(*arguments: str, kubeconfig: Path | None = None, given: str | None = None) -> Answer:
    done = subprocess.run(
        [SNAPGATE, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | ({"KUBECONFIG": str(kubeconfig)} if kubeconfig else {}),
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def as_text(*manifests: Mapping[str, Any]) -> str:
    return yaml.safe_dump_all(manifests)
