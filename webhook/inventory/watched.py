"""Which objects the inventory holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.inventory.projection import without_last_applied

T = TypeVar("T", bound=Object)


@dataclass(frozen=True, slots=True)
class Watched(Generic[T]):
    """One kind; `project` leaves out what need not be kept in memory."""

    kind: Kind[T]
    field_selector: str = ""
    project: Callable[[T], T] | None = without_last_applied
