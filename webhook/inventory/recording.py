"""What an evaluation looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.facts.source import Index, Source

T = TypeVar("T", bound=Object)


@dataclass(frozen=True, slots=True)
class ReadSet:
    """Look-ups by name (kind, namespace, name) and by index; also those that found nothing."""

    gets: frozenset[tuple[Kind[Any], str, str]] = frozenset()
    finds: frozenset[tuple[Index[Any], str]] = frozenset()


class RecordingSource:
    """Passes look-ups on, and remembers them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._gets: set[tuple[Kind[Any], str, str]] = set()
        self._finds: set[tuple[Index[Any], str]] = set()

    @property
    def reads(self) -> ReadSet:
        return ReadSet(frozenset(self._gets), frozenset(self._finds))

    def knows(self, kind: Kind[Any]) -> bool:
        return self._source.knows(kind)

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        self._gets.add((kind, namespace, name))
        return self._source.get(kind, namespace, name)

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        self._finds.add((index, value))
        return self._source.find(index, value)
