"""One record for what the API server and kubectl need to know of a kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote

from webhook.api.meta import Object

T_co = TypeVar("T_co", bound=Object, covariant=True)


@dataclass(frozen=True, slots=True)
class Column:
    """A printer column. Priority 1 shows with `-o wide` only."""

    name: str
    json_path: str
    type: str = "string"
    priority: int = 0


AGE = Column("Age", ".metadata.creationTimestamp", "date")


@dataclass(frozen=True, slots=True)
class Definition:
    """What makes a CustomResourceDefinition of a kind, beyond the schema its struct gives."""

    description: str
    """What `kubectl explain` says first."""
    columns: tuple[Column, ...]
    short_names: tuple[str, ...]
    platform: bool = False
    """True when the platform brings this CRD and Snapgate only reads the kind."""
    also_served: tuple[str, ...] = ()
    """Further versions of the same shape; the kind's own version is the stored one."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """A kind, the struct that describes it, and where its objects are served."""

    group: str
    version: str
    name: str
    plural: str
    type: type[T_co] = field(repr=False)
    namespaced: bool = True
    definition: Definition | None = field(default=None, repr=False)

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """As kubectl takes it when two groups share a plural: `virtualdisks.virtualization.deckhouse.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection (without name) or of one object.

        Names are quoted: a snapshot may name its machine `a/status`, and no such request may be made.
        """
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        parts += [quote(part, safe="") for part in (name, subresource) if part]
        return "/".join(parts)
