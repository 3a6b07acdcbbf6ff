"""Components in the order of their dependencies."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.backoff import DEFAULT_BACKOFF, Backoff
from lab.children import Children
from lab.errors import LabError
from lab.keeper import ComponentStatus, Keeper
from lab.process import Component


class Supervision:
    def __init__(
        self,
        children: Children,
        logs: Path,
        changed: Callable[[], None],
        backoff: Backoff = DEFAULT_BACKOFF,
    ) -> None:
        self._children = children
        self._logs = logs
        self._changed = changed
        self._backoff = backoff
        self._keepers: dict[str, Keeper] = {}
        self._started: dict[str, asyncio.Task[None]] = {}

    @property
    def statuses(self) -> tuple[ComponentStatus, ...]:
        return tuple(keeper.status for keeper in self._keepers.values())

    async def start(self, components: Sequence[Component]) -> None:
        """Start them, each after those it names (of this call or an earlier one); returns when all are ready."""
        self._check_order(components)
        for component in components:
            self._keepers[component.name] = Keeper(component, self._children, self._logs, self._changed, self._backoff)
        started = {component.name: asyncio.create_task(self._start(component)) for component in components}
        self._started |= started
        try:
            await asyncio.gather(*started.values())
        except BaseException:
            for task in started.values():
                task.cancel()
            raise

    async def stop(self) -> None:
        """In reverse: a component ends after everything that was started after it because of it."""
        stopping: dict[str, asyncio.Task[None]] = {}

        async def stop_after_dependents(keeper: Keeper) -> None:
            name = keeper.component.name
            await asyncio.gather(
                *(stopping[other.component.name] for other in self._keepers.values() if name in other.component.after)
            )
            await keeper.stop()

        for name, keeper in self._keepers.items():
            stopping[name] = asyncio.create_task(stop_after_dependents(keeper))
        await asyncio.gather(*stopping.values())

    async def _start(self, component: Component) -> None:
        for name in component.after:
            await asyncio.shield(self._started[name])
        await self._keepers[component.name].start()

    def _check_order(self, components: Sequence[Component]) -> None:
        known = set(self._keepers)
        for component in components:
            missing = [name for name in component.after if name not in known]
            if missing:
                raise LabError(f"{component.name} comes after {', '.join(missing)}, which must be listed before it")
            known.add(component.name)
