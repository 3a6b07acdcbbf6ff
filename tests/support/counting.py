"""A source that counts what it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.facts.source import Index, Source

T = TypeVar("T", bound=Object)


class CountingSource:
    def __init__(self, known: Source) -> None:
        self._known = known
        self.lookups = 0

    def knows(self, kind: Kind[Any]) -> bool:
        return self._known.knows(kind)

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        self.lookups += 1
        return self._known.get(kind, namespace, name)

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        self.lookups += 1
        return self._known.find(index, value)
