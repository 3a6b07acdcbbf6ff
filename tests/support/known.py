"""A world that says how much it knows, as the inventory does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.facts.source import Index

T = TypeVar("T", bound=Object)


class KnownWorld:
    def __init__(self, world: World, *, synced: bool = True, age_seconds: float = 3.0) -> None:
        self._world = world
        self.synced = synced
        self._age_seconds = age_seconds

    def knows(self, kind: Kind[Any]) -> bool:
        return self._world.knows(kind)

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        return self._world.get(kind, namespace, name)

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        return self._world.find(index, value)

    def age_seconds(self) -> float:
        return self._age_seconds
