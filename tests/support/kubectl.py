"""kubectl as a test uses it: one namespace, and deadlines on everything that waits."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.waiting import until

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    output: str
    """Standard output."""
    said: str
    """Standard error: warnings and errors."""

    @property
    def ok(self) -> bool:
        return self.code == 0


@dataclass(frozen=True, slots=True)
class Kubectl:
    binary: Path
    kubeconfig: Path
    namespace: str

    def run(self, *arguments: str, given: str | None = None) -> Answer:
        done = subprocess.run(
            [self.binary, f"--kubeconfig={self.kubeconfig}", f"--namespace={self.namespace}", *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def must(self, *arguments: str, given: str | None = None) -> str:
        """Raises AssertionError with everything kubectl said when it fails."""
        answer = self.run(*arguments, given=given)
        assert answer.ok, f"kubectl {' '.join(arguments)} ended with {answer.code}:\n{answer.output}{answer.said}"
        return answer.output

    def apply(self, *manifests: Mapping[str, Any], flags: tuple[str, ...] = ()) -> Answer:
        return self.run("apply", *flags, "-f", "-", given=yaml.safe_dump_all(manifests))

    def must_apply(self, *manifests: Mapping[str, Any]) -> None:
        answer = self.apply(*manifests)
        assert answer.ok, answer.said

    def get(self, kind: str, name: str) -> Json:
        found: Json = json.loads(self.must("get", kind, name, "-o", "json"))
        return found

    def names(self, kind: str) -> list[str]:
        return sorted(self.must("get", kind, "-o", "name").split())

    def wait(self, subject: str, condition: str, *, seconds: int = 120) -> None:
        """`condition` as kubectl takes it: `condition=Ready`, `jsonpath={.status.phase}=Ready`, `delete`. A watch."""
        self.must("wait", subject, f"--for={condition}", f"--timeout={seconds}s")

    def wait_for_phase(self, subject: str, phase: str, *, seconds: int = 120) -> None:
        self.wait(subject, f"jsonpath={{.status.phase}}={phase}", seconds=seconds)

    def events_of(self, name: str, *, last: str, times: int = 1) -> list[Json]:
        """Oldest first, once the reason `last` was told so often: an Event is written after what it tells of."""
        found: list[Json] = []

        def told() -> bool:
            found[:] = self._events_of(name)
            return sum(int(event.get("count", 1)) for event in found if event["reason"] == last) >= times

        until(told, lambda: f"no Event {last} of {name} among {[event['reason'] for event in found]}", seconds=60)
        return found

    def _events_of(self, name: str) -> list[Json]:
        listing = json.loads(self.must("get", "events", f"--field-selector=involvedObject.name={name}", "-o", "json"))
        items: list[Json] = listing["items"]
        return sorted(items, key=lambda event: int(event["metadata"]["resourceVersion"]))
