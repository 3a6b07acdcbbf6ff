"""The seam between decisions and where their facts come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object

T = TypeVar("T", bound=Object)

NAMESPACE_SEPARATOR: Final = "/"


@dataclass(frozen=True, slots=True)
class Index(Generic[T]):
    """A look-up other than by name, whose cost does not grow with the number of objects.

    `keys` is pure and gives every value under which an object is found.
    """

    name: str
    kind: Kind[T]
    keys: Callable[[T], Iterable[str]]

    def namespace_of(self, value: str) -> str:
        """Where all objects with this value are; `""` when they may be anywhere. See `in_namespace`."""
        namespace, separator, _ = value.partition(NAMESPACE_SEPARATOR)
        return namespace if separator and self.kind.namespaced else ""


class Source(Protocol):
    """Objects by name and by index: the inventory, live reads, files, or a test's world. Never blocks."""

    def knows(self, kind: Kind[Any]) -> bool:
        """Whether absence means anything: False when the API server does not serve this kind, or not to us.

        `get` and `find` then find nothing; whoever would conclude something from that asks here first.
        """
        ...

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """The object, or None when it does not exist. Raises UnreadableError when it exists and does not decode."""
        ...

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        """All objects with this value, in the order of their namespaces and names."""
        ...


class UnreadableError(Exception):
    """An object exists and does not decode: not absent, and not known. Whoever asks cannot decide."""

    def __init__(self, kind: Kind[Any], namespace: str, name: str, reason: str) -> None:
        super().__init__(f"{kind.name} {namespace}/{name} cannot be read: {reason}")
