"""A steady load of writes that Snapgate is asked about, and what became of each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.kube.errors import ApiError, UnreachableError

WORKERS: Final = 8
PAUSE_SECONDS: Final = 0.05
"""Between the calls of a worker: a load, not a race for the machine."""
TRIES: Final = 10
"""To delete what was created; then it is left for the namespace to take along."""


@dataclass(frozen=True, slots=True)
class Call:
    began: datetime
    ended: datetime
    error: str | None = None


@dataclass(slots=True)
class Report:
    calls: list[Call] = field(default_factory=list)

    @property
    def failures(self) -> Sequence[Call]:
        return [call for call in self.calls if call.error is not None]

    @property
    def longest_gap(self) -> timedelta:
        """Between two answers that came."""
        ends = sorted(call.ended for call in self.calls if call.error is None)
        return max((later - earlier for earlier, later in pairwise(ends)), default=timedelta())

    @property
    def slowest(self) -> timedelta:
        return max((call.ended - call.began for call in self.calls if call.error is None), default=timedelta())

    def __str__(self) -> str:
        gap, slowest = self.longest_gap.total_seconds(), self.slowest.total_seconds()
        return (
            f"{len(self.calls)} calls, {len(self.failures)} failed, longest gap {gap * 1000:.0f} ms, "
            f"slowest call {slowest * 1000:.0f} ms"
        )


class Load:
    """Snapshots of disks that do not exist, created and deleted: both are reviewed, and storage has nothing to do.

    Runs in a thread of its own from `with` to the end of it; `report` is complete then.
    """

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        self.report = Report()
        self._kubeconfig = kubeconfig
        self._namespace = namespace
        self._numbers = count()
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="load")

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(
        self, error: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def until(self, calls: int) -> None:
        """Wait until there have been so many more calls. Raises AssertionError when there are none any more."""
        enough, pause = len(self.report.calls) + calls, threading.Event()
        while len(self.report.calls) < enough:
            assert self._thread.is_alive(), "the load has broken off; its traceback is on standard error"
            pause.wait(0.1)

    async def _run(self) -> None:
        client = await connect(kubeconfig=self._kubeconfig)
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(WORKERS):
                    workers.create_task(self._work(client))
        finally:
            await client.close()

    async def _work(self, client: Client) -> None:
        while not self._over.is_set():
            name = f"load-{next(self._numbers)}"
            body: dict[str, Any] = {
                "metadata": {"name": name},
                "spec": {"virtualDiskName": "no-such-disk", "requiredConsistency": True},
            }
            deletion = partial(client.delete, VIRTUAL_DISK_SNAPSHOT, self._namespace, name)
            written = await self._timed(partial(self._create, client, body))
            for _ in range(TRIES if written else 0):
                if await self._timed(deletion):
                    break

    async def _create(self, client: Client, body: dict[str, Any]) -> None:
        await client.create(VIRTUAL_DISK_SNAPSHOT, body, namespace=self._namespace)

    async def _timed(self, call: Callable[[], Awaitable[None]]) -> bool:
        began = datetime.now(UTC)
        error: str | None = None
        try:
            await call()
        except (ApiError, UnreachableError) as failure:
            error = str(failure)
        self.report.calls.append(Call(began, datetime.now(UTC), error))
        await asyncio.sleep(PAUSE_SECONDS)
        return error is None
