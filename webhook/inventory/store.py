"""One kind in memory, found by name and by index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.facts.source import Index, UnreadableError
from webhook.kube.undecodable import Key, Undecodable, resource_version_of

T = TypeVar("T", bound=Object)


class Store(Generic[T]):
    """The sink of a reflector. `changed` hears each change after it is in: the key, what was there, what is there now.

    Undecodable objects are kept as markers. They carry no index values, so `find` cannot name them.
    """

    def __init__(
        self,
        kind: Kind[T],
        indexes: Sequence[Index[T]] = (),
        *,
        changed: Callable[[Key, T | Undecodable | None, T | Undecodable | None], None] | None = None,
    ) -> None:
        self.kind = kind
        self._objects: dict[Key, T | Undecodable] = {}
        self._indexed: dict[str, dict[str, dict[Key, T]]] = {index.name: {} for index in indexes}
        self._indexes = tuple(indexes)
        self._changed = changed
        self._undecodable = 0

    def __len__(self) -> int:
        return len(self._objects)

    @property
    def undecodable(self) -> int:
        return self._undecodable

    def peek(self, key: Key) -> T | Undecodable | None:
        return self._objects.get(key)

    def get(self, namespace: str, name: str) -> T | None:
        """Raises UnreadableError."""
        found = self._objects.get((namespace, name))
        if isinstance(found, Undecodable):
            raise UnreadableError(self.kind, namespace, name, found.reason)
        return found

    def find(self, index: Index[Any], value: str) -> tuple[T, ...]:
        """In the order of namespaces and names. The cost grows with what is found, not with what is stored."""
        matches = self._indexed[index.name].get(value, {})
        return tuple(matches[key] for key in sorted(matches))

    def replace(self, objects: Sequence[tuple[Key, T | Undecodable]]) -> None:
        """Listeners hear only of what differs, and when all of it is in place."""
        before = dict(self._objects)
        listed = dict(objects)
        gone = sorted(before.keys() - listed.keys())
        for key in gone:
            self._put(key, None)
        for key, read in listed.items():
            self._put(key, read)
        for key in (*gone, *listed):
            old, new = before.get(key), self._objects.get(key)
            if not _same_state(old, new):
                self._tell(key, old, new)

    def upsert(self, key: Key, read: T | Undecodable) -> None:
        self._tell(key, self._put(key, read), read)

    def remove(self, key: Key) -> None:
        old = self._put(key, None)
        if old is not None:
            self._tell(key, old, None)

    def _tell(self, key: Key, old: T | Undecodable | None, new: T | Undecodable | None) -> None:
        if self._changed is not None:
            self._changed(key, old, new)

    def _put(self, key: Key, new: T | Undecodable | None) -> T | Undecodable | None:
        """Set or (with None) remove, indexes included; what was there before."""
        old = self._objects.get(key)
        self._forget(key, old)
        if new is None:
            self._objects.pop(key, None)
        else:
            self._objects[key] = new
            self._remember(key, new)
        return old

    def _remember(self, key: Key, new: T | Undecodable) -> None:
        if isinstance(new, Undecodable):
            self._undecodable += 1
            return
        for index in self._indexes:
            values = self._indexed[index.name]
            for value in index.keys(new):
                values.setdefault(value, {})[key] = new

    def _forget(self, key: Key, old: T | Undecodable | None) -> None:
        if old is None:
            return
        if isinstance(old, Undecodable):
            self._undecodable -= 1
            return
        for index in self._indexes:
            values = self._indexed[index.name]
            for value in set(index.keys(old)):
                del values[value][key]
                if not values[value]:
                    del values[value]


def _same_state(old: Object | Undecodable | None, new: Object | Undecodable | None) -> bool:
    if old is None or new is None:
        return old is new
    return resource_version_of(old) == resource_version_of(new)
