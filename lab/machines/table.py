"""Objects of one kind as last seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import structlog

from webhook.api.meta import Object
from webhook.kube.undecodable import Key, Undecodable

T = TypeVar("T", bound=Object)

log = structlog.get_logger()


class Table(Generic[T]):
    """Fed by a watch and by the answers to our own writes, whichever is first: the newer one stays.

    resourceVersions of one resource compare as integers (Kubernetes 1.35, KEP-5504). An object that no longer decodes
    stays as it was when it last did.
    """

    def __init__(self, changed: Callable[[T], None]) -> None:
        """`changed` is called with each object that came, changed, or went, after the table knows."""
        self._objects: dict[Key, T] = {}
        self._changed = changed

    def get(self, namespace: str, name: str) -> T | None:
        return self._objects.get((namespace, name))

    def all(self) -> Iterable[T]:
        return self._objects.values()

    def in_namespace(self, namespace: str) -> Sequence[T]:
        return [self._objects[key] for key in sorted(self._objects) if key[0] == namespace]

    def written(self, answer: T) -> None:
        """Take the answer to a write of ours. One that comes after the object went does not bring it back."""
        key = (answer.metadata.namespace, answer.metadata.name)
        if key in self._objects:
            self.upsert(key, answer)

    def upsert(self, key: Key, read: T | Undecodable) -> None:
        if isinstance(read, Undecodable):
            log.warning("object cannot be read", namespace=read.namespace, name=read.name, reason=read.reason)
            return
        held = self._objects.get(key)
        if held is not None and _version(held) >= _version(read):
            return
        self._objects[key] = read
        if held is not None:
            self._changed(held)  # what it named before may be affected as well
        self._changed(read)

    def remove(self, key: Key) -> None:
        gone = self._objects.pop(key, None)
        if gone is not None:
            self._changed(gone)

    def replace(self, objects: Sequence[tuple[Key, T | Undecodable]]) -> None:
        for key in self._objects.keys() - {key for key, _ in objects}:
            self.remove(key)
        for key, read in objects:
            self.upsert(key, read)


def _version(found: Object) -> int:
    return int(found.metadata.resource_version or 0)
