"""Keeps a process in possession of the policy that its file says, without a restart."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from webhook.app.clock import wall_clock
from webhook.app.policy_file import Given, PolicyFileError, policy_from, policy_without_file
from webhook.app.settings import ProcessSettings
from webhook.findings.effective import described
from webhook.findings.policy import Policy

POLL_SECONDS: Final = 3.0
"""Contents are compared: a mounted ConfigMap is swapped by a symlink, which leaves no event on the file itself."""
_RESULTS: Final = ("ok", "broken")

_log = structlog.get_logger()

Clock = Callable[[], datetime]
Pause = Callable[[float], Awaitable[None]]


class PolicyMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.file_ok = Gauge(
            "snapgate_policy_file_ok",
            "0 while the policy file cannot be used and the last good policy stays in force.",
            registry=registry,
        )
        self.reloads = Counter(
            "snapgate_policy_reloads",
            "Changes of the policy file, by whether it could be used.",
            ("result",),
            registry=registry,
        )
        self.file_ok.set(1)
        for result in _RESULTS:
            self.reloads.labels(result)


class PolicyKeeper:
    """One per process. A file that cannot be used is told of once for each of its contents; the last good one stays."""

    def __init__(
        self,
        path: Path | None,
        given: Given,
        metrics: PolicyMetrics,
        *,
        clock: Clock,
        pause: Pause = asyncio.sleep,
    ) -> None:
        """Raises PolicyFileError and PolicyError: a process does not begin with another policy than it was told."""
        self._path = path
        self._given = given
        self._metrics = metrics
        self._clock = clock
        self._pause = pause
        self._seen: bytes | str | None = None
        self._error: str | None = None
        self._policy = policy_without_file(given)
        if path is not None:
            self._seen = _contents(path)
            self._policy = self._read(self._seen)
        self._since = clock()

    def current(self) -> Policy:
        return self._policy

    async def run(self) -> None:
        """Look at the file every few seconds, for ever; cancel to stop."""
        while True:
            await self._pause(POLL_SECONDS)
            await self.check()

    async def check(self) -> None:
        """Take what the file says now, if it can be used."""
        if self._path is None:
            return
        contents = await asyncio.to_thread(_contents, self._path)
        if contents == self._seen:
            return
        self._seen = contents
        try:
            policy = self._read(contents)
        except PolicyFileError as error:
            self._error = str(error)
            self._metrics.file_ok.set(0)
            self._metrics.reloads.labels("broken").inc()
            _log.error("the policy file cannot be used, the last good policy stays in force", reason=self._error)
            return
        if policy != self._policy:
            self._policy, self._since = policy, self._clock()
        self._error = None
        self._metrics.file_ok.set(1)
        self._metrics.reloads.labels("ok").inc()
        _log.info("read the policy file", file=str(self._path), profile=policy.profile, overrides=[*policy.overrides])

    def describe(self) -> bytes:
        """JSON for whoever asks the process. `digest` (SHA-256) is of the file as it was read last, broken or not.

        Who may escape is not told: nobody is asked for a name here.
        """
        description = {
            "file": str(self._path) if self._path is not None else None,
            "digest": hashlib.sha256(self._seen).hexdigest() if isinstance(self._seen, bytes) else None,
            "since": self._since,
            "error": self._error,
            **described(self._policy, names=False),
        }
        return msgspec.json.format(msgspec.json.encode(description))

    def _read(self, contents: bytes | str) -> Policy:
        name = self._path.name if self._path is not None else ""
        if isinstance(contents, str):
            raise PolicyFileError(contents)
        try:
            text = contents.decode()
        except UnicodeDecodeError as error:
            raise PolicyFileError(f"{name}: not UTF-8: {error}") from error
        return policy_from(text, name, self._given)


def policy_keeper(settings: ProcessSettings, registry: CollectorRegistry) -> PolicyKeeper:
    """Raises PolicyFileError and PolicyError."""
    given = Given(settings.mode, settings.profile, "SNAPGATE_PROFILE")
    return PolicyKeeper(settings.policy_file, given, PolicyMetrics(registry), clock=wall_clock)


def _contents(path: Path) -> bytes | str:
    """Why there are none, where there are none."""
    try:
        return path.read_bytes()
    except OSError as error:
        return f"{path}: {error.strerror or error}"
