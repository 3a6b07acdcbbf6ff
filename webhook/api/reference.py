"""How objects are named in findings, logs and look-ups."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from webhook.api.kind import Kind
from webhook.api.meta import Object


class Reference(Struct, frozen=True, order=True, gc=False):
    """One object. Cluster-scoped ones have an empty namespace. Reads as `VirtualMachine linux-vm`."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def reference_to(kind: Kind[Any], subject: Object) -> Reference:
    return Reference(kind.name, subject.metadata.namespace, subject.metadata.name)


def owner_reference_to(kind: Kind[Any], owner: Object) -> dict[str, str]:
    """For `metadata.ownerReferences`: what carries it goes when the owner goes."""
    metadata = owner.metadata
    return {"apiVersion": kind.api_version, "kind": kind.name, "name": metadata.name, "uid": metadata.uid}
