"""`go build` with progress."""

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lab.errors import LabError
from lab.go import Go
from lab.tool_versions import Tool, ToolModule

REPORT_SECONDS = 15.0


class Build:
    def __init__(
        self,
        go: Go,
        module: ToolModule,
        workplace: Path,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._go = go
        self._module = module
        self._workplace = workplace
        self._say = say
        self._clock = clock
        self._started = self._reported = clock()
        self._doing = ""
        self._packages = 0
        self._compiled = 0

    def count_packages(self, tools: Sequence[Tool]) -> None:
        """How many packages a build without Go's own cache compiles; asking downloads the modules."""
        self._doing = "downloading the Go modules"
        self._report()
        self._run(["list", *self._module.flags, "-deps", *(tool.package for tool in tools)], self._count)
        self._packages, self._compiled = self._compiled, 0

    def build(self, tool: Tool, version: str) -> Path:
        self._doing = tool.name
        target = self._workplace / tool.name
        flags = ["-v", *self._module.flags, f"-ldflags={tool.linker_flags(version)}"]
        self._run(["build", *flags, "-o", str(target), tool.package], self._count)
        self._say(f"{tool.name} {version} is built, {self._elapsed()}")
        return target

    def _count(self, line: str) -> None:
        self._compiled += not line.startswith(("go: ", "#"))

    def _run(self, arguments: list[str], heard: Callable[[str], None]) -> None:
        command = [self._go.command, *arguments]
        last: deque[str] = deque(maxlen=30)
        with self._process(command) as process:
            for line in _lines(process.stdout):
                if line:
                    last.append(line)
                    heard(line)
                if self._clock() - self._reported >= REPORT_SECONDS:
                    self._report()
            code = process.wait()
        if code != 0:
            raise LabError("\n".join((f"{' '.join(command)} ended with {code}; the end of its output:", *last)))

    @contextmanager
    def _process(self, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
        """In a process group of its own, so that an interruption ends the compilers too."""
        process = subprocess.Popen(
            command,
            cwd=self._module.directory,
            env={**self._go.environment(), "GOTMPDIR": str(self._workplace)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise

    def _report(self) -> None:
        self._reported = self._clock()
        compiled = f"{self._compiled} of at most {self._packages} packages compiled, " if self._packages else ""
        self._say(f"{self._doing}: {compiled}{self._elapsed()}")

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(self._clock() - self._started), 60)
        return f"{minutes} min {seconds:02d} s"


def _lines(output: IO[bytes] | None) -> Iterator[str]:
    """Lines, and an empty one when nothing was said for a while: linking kube-apiserver alone takes half a minute."""
    if output is None:
        raise ValueError("the process was started without a pipe")
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if not selector.select(timeout=REPORT_SECONDS):
                yield ""
                continue
            chunk = os.read(output.fileno(), 65536)
            if not chunk:
                return
            *lines, pending = (pending + chunk).split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
