"""Operations on real machines, each with one fault, and whether everything ends as without it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.faults import Fault
from tests.support.matrix.operations import Operation
from tests.support.matrix.reconciling import Reconciling
from tests.support.matrix.scene import Scene
from tests.support.matrix.verdict import problems, wrong
from webhook.api.namespace import NAMESPACE
from webhook.kube.client import Client


@dataclass(frozen=True, slots=True)
class Run:
    operation: Operation
    strike: tuple[int, Fault] | None
    """The write at which it strikes, and the fault; None for the run that shows which writes there are."""


@dataclass(slots=True)
class Result:
    run: Run
    writes: list[str] = field(default_factory=list)
    struck_at: str = ""
    problems: list[str] = field(default_factory=list)


class Matrix:
    def __init__(self, admin: Client, reconciling: Reconciling, storage: Path) -> None:
        """`storage` is where the lab's driver keeps its volumes."""
        self._admin = admin
        self._reconciling = reconciling
        self._storage = storage
        self._numbers = iter(range(1, 1_000_000))

    async def all(
        self, runs: list[Run], *, at_once: int, done: Callable[[Result], None] = lambda _: None
    ) -> list[Result]:
        """`done` is told of each as it ends."""
        gate = asyncio.Semaphore(at_once)

        async def one(run: Run) -> Result:
            async with gate:
                result = await self._one(run)
            done(result)
            return result

        return list(await asyncio.gather(*(one(run) for run in runs)))

    async def _one(self, run: Run) -> Result:
        namespace, result = f"matrix-{next(self._numbers)}", Result(run)
        scene = Scene(self._admin, self._reconciling, self._storage, namespace, run.operation)
        life = self._reconciling.life(namespace)
        try:
            await scene.prepare()
            life.arm(run.strike)
            await scene.operate()
            result.problems = await problems(scene)
        except TimeoutError as error:
            result.problems = [f"waited in vain: {error}", *wrong(scene)]
        result.writes, result.struck_at = life.calls, life.struck_at
        life.armed = False
        await self._admin.delete(NAMESPACE, "", namespace)
        return result
