"""Namespace, of which only its existence and its end are read."""

from __future__ import annotations

from typing import Final

from webhook.api.kind import Kind
from webhook.api.meta import Object


class Namespace(Object, frozen=True):
    """Terminating is told by metadata.deletionTimestamp: the phase is set a moment later."""


NAMESPACE: Final = Kind("", "v1", "Namespace", "namespaces", Namespace, namespaced=False)
