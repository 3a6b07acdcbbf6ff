"""A transcript that reads as if someone sat at the terminal."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Terminal:
    setup: str
    """Shell commands that go, unseen, before each one."""
    directory: Path

    def say(self, text: str) -> None:
        print(f"\n# {text}", flush=True)

    def run(self, command: str, *, expect: int | None = 0, show: bool = True) -> str:
        """Run a shell command, show it and all it prints, and give that back.

        Raises DemoError when it ends otherwise than expected (None: either way is fine).
        """
        if show:
            print(f"$ {command}", flush=True)
        done = subprocess.run(
            ["/bin/sh", "-c", f"{self.setup}\n{command}"],
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if show and done.stdout:
            sys.stdout.write(done.stdout)
            sys.stdout.flush()
        if expect is not None and done.returncode != expect:
            raise DemoError(f"`{command}` ended with {done.returncode}, not {expect}:\n{done.stdout}")
        return done.stdout

    def ask(self, command: str) -> str:
        """What a command prints, unseen."""
        return self.run(command, show=False).strip()


class DemoError(Exception):
    """The tour did not go as it should."""
