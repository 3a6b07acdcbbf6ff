"""Facts from exported objects, for checks without a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from webhook.api.decoding import UndecodableError, decode
from webhook.api.kind import Kind
from webhook.api.kinds import KINDS
from webhook.api.meta import Object
from webhook.facts.indexes import INDEXES
from webhook.facts.source import Index, UnreadableError
from webhook.inventory.projections import projection_of
from webhook.inventory.store import Store
from webhook.kube.undecodable import Undecodable

T = TypeVar("T", bound=Object)

_BY_GROUP_AND_NAME: Final[Mapping[tuple[str, str], Kind[Any]]] = {(kind.group, kind.name): kind for kind in KINDS}


class UnknownKindError(UnreadableError):
    """The export has nothing of this kind, so nothing can be said to be absent."""

    def __init__(self, kind: Kind[Any]) -> None:
        super().__init__(kind, "", "", "")
        short = kind.definition.short_names[-1] if kind.definition is not None else kind.plural
        self.args = (f"the inventory has no {kind.name}; add to it: kubectl get {short} -A -o yaml > {short}.yaml",)


class Manifests:
    """A Source over objects as kubectl prints them.

    A kind is known when there is an object of it, or when `listed` names it: an empty List does not say of what.
    """

    def __init__(self, objects: Iterable[Mapping[str, Any]], *, listed: Iterable[Kind[Any]] = ()) -> None:
        found: dict[Kind[Any], list[tuple[tuple[str, str], Any]]] = {kind: [] for kind in listed}
        for each in objects:
            kind = kind_of(each)
            if kind is not None:
                found.setdefault(kind, []).append(_read(kind, each))
        self._stores: dict[str, Store[Any]] = {}
        for kind, items in found.items():
            indexes = [index for index in INDEXES if index.kind == kind]
            store: Store[Any] = Store(kind, indexes)
            store.replace(items)
            self._stores[kind.resource] = store

    def knows(self, kind: Kind[Any]) -> bool:  # noqa: ARG002 - as a Source has it
        """What is not in the export may still be in the cluster: asking for it raises, and nothing is concluded."""
        return True

    @property
    def kinds(self) -> tuple[str, ...]:
        """What there is something of, as kubectl takes it."""
        return tuple(sorted(self._stores))

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """Raises UnreadableError."""
        found: T | None = self._store(kind).get(namespace, name)
        return found

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        """Raises UnknownKindError."""
        return self._store(index.kind).find(index, value)

    def _store(self, kind: Kind[T]) -> Store[T]:
        store = self._stores.get(kind.resource)
        if store is None:
            raise UnknownKindError(kind)
        return store


def kind_of(content: Mapping[str, Any]) -> Kind[Any] | None:
    """In whatever version it was exported."""
    api_version, name = content.get("apiVersion"), content.get("kind")
    if not isinstance(api_version, str) or not isinstance(name, str):
        return None
    return _BY_GROUP_AND_NAME.get((api_version.rpartition("/")[0], name))


def _read(kind: Kind[T], content: Mapping[str, Any]) -> tuple[tuple[str, str], T | Undecodable]:
    metadata = content.get("metadata")
    named: Mapping[str, Any] = metadata if isinstance(metadata, dict) else {}
    key = (str(named.get("namespace") or ("default" if kind.namespaced else "")), str(named.get("name")))
    try:
        return key, projection_of(kind)(decode(kind, msgspec.json.encode(_in_namespace(content, named, key[0]))))
    except (UndecodableError, OverflowError, UnicodeEncodeError, RecursionError) as error:
        return key, Undecodable(*key, "", str(error))


def _in_namespace(content: Mapping[str, Any], metadata: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """Indexes read the namespace from the object; manifests that were never applied leave it out."""
    return {**content, "metadata": {**metadata, "namespace": namespace}} if namespace else dict(content)
