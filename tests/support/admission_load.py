"""A steady load of writes that the webhook has to judge, from a thread of its own, without repeating any."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from tests.support.machines import disk_snapshot
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.kube.errors import ApiError, UnreachableError

CALLERS: Final = 8


@dataclass
class AdmissionLoad:
    """Server-side dry runs of one snapshot: judged like any other, and nothing is left of them."""

    kubeconfig: Path
    namespace: str
    answered: int = 0
    failures: list[str] = field(default_factory=list)
    longest_gap_seconds: float = 0.0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._numbers = itertools.count()
        self._answered_at = time.monotonic()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def __str__(self) -> str:
        return (
            f"{self.answered} calls answered, {len(self.failures)} failed, longest gap {self.longest_gap_seconds:.2f} s"
        )

    async def _run(self) -> None:
        client = await connect(kubeconfig=self.kubeconfig)
        self._answered_at = time.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CALLERS):
                    group.create_task(self._call_until_stopped(client))
        finally:
            await client.close()

    async def _call_until_stopped(self, client: Client) -> None:
        path = VIRTUAL_DISK_SNAPSHOT.path(self.namespace)
        while not self._stop.is_set():
            body = msgspec.json.encode(disk_snapshot(f"load-{next(self._numbers)}", "none"))
            try:
                await client.request("POST", path, body=body, params={"dryRun": "All"})
            except (ApiError, UnreachableError) as error:
                self.failures.append(str(error))
            else:
                self._note_answer()

    def _note_answer(self) -> None:
        now = time.monotonic()
        self.longest_gap_seconds = max(self.longest_gap_seconds, now - self._answered_at)
        self._answered_at = now
        self.answered += 1
