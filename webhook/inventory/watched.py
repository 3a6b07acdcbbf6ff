"""Which objects the inventory holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object

T = TypeVar("T", bound=Object)


@dataclass(frozen=True, slots=True)
class Watched(Generic[T]):
    """One kind, or those of its objects that a field selector takes."""

    kind: Kind[T]
    field_selector: str = ""
    optional: bool = False
    """For a kind that comes with a module of the platform, and may come later: nothing waits for it."""
    in_pages: bool = False
    """For a kind whose objects are many and large, most of which is not kept."""
