"""helm as a test uses it, in a lab."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.snapgate.installation import CHART, NAMESPACE, RELEASE, VALUES, helm_environment
from tests.support.kubectl import Answer, Json

TIMEOUT_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Release:
    binary: Path
    kubeconfig: Path
    directory: Path

    def run(self, *arguments: str) -> Answer:
        done = subprocess.run(
            [self.binary, f"--kubeconfig={self.kubeconfig}", f"--namespace={NAMESPACE}", *arguments],
            env=helm_environment(self.directory),
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def must(self, *arguments: str) -> str:
        answer = self.run(*arguments)
        assert answer.ok, f"helm {' '.join(arguments)} ended with {answer.code}:\n{answer.output}{answer.said}"
        return answer.output

    def install(self, *values: str, take_ownership: bool = False) -> None:
        ownership = ["--take-ownership"] if take_ownership else []
        self.must("install", RELEASE, str(CHART), "--create-namespace", *ownership, *_flags(values))

    def upgrade(self, *values: str) -> None:
        self.must("upgrade", RELEASE, str(CHART), *_flags(values))

    def rollback(self) -> None:
        self.must("rollback", RELEASE, "--wait", "--timeout=150s")

    def uninstall(self) -> None:
        self.must("uninstall", RELEASE, "--wait", "--timeout=150s")

    def status(self) -> Json:
        found: Json = json.loads(self.must("status", RELEASE, "--output=json"))
        return found


def _flags(values: tuple[str, ...]) -> list[str]:
    return ["--wait", "--timeout=150s", *(f"--set={value}" for value in (*VALUES, *values))]
