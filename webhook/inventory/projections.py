"""What is kept of each kind, wherever it was read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.namespace import NAMESPACE
from webhook.api.secret import SECRET
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.content.secret_projection import secret_to_keep
from webhook.facts.projection import machine_to_keep, namespace_to_keep, without_last_applied

T = TypeVar("T", bound=Object)

_OF_THEIR_OWN: Final[Mapping[str, Callable[[Any], Any]]] = {
    VIRTUAL_MACHINE.resource: machine_to_keep,
    NAMESPACE.resource: namespace_to_keep,
    SECRET.resource: secret_to_keep,
}


def projection_of(kind: Kind[T]) -> Callable[[T], T]:
    """One for watched and for live objects: a decision must not depend on where its facts come from."""
    return _OF_THEIR_OWN.get(kind.resource, without_last_applied)
