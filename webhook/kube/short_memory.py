"""Answers that are good for a moment."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Remembered(Generic[V]):
    """Tells a remembered None from nothing."""

    value: V
    until: float


class ShortMemory(Generic[K, V]):
    """Never more than `most` answers: the one that was given longest ago goes first. `clock` is monotonic."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._answers: OrderedDict[K, Remembered[V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: K) -> Remembered[V] | None:
        found = self._answers.get(key)
        if found is not None and found.until <= self._clock():
            del self._answers[key]
            return None
        return found

    def put(self, key: K, value: V, *, seconds: float) -> None:
        self._answers[key] = Remembered(value, self._clock() + seconds)
        self._answers.move_to_end(key)
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
