"""What is asked, independent of who asks: admission, a dry run, the reconciler."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.reference import Reference
from webhook.facts.user import Access, User


class Operation(StrEnum):
    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class Request(Struct, frozen=True):
    """One write that is to be judged.

    `object` is the state asked for (None on DELETE), `old_object` the present one (None on CREATE).
    """

    operation: Operation
    kind: Kind[Any]
    namespace: str
    object: Object | None = None
    old_object: Object | None = None
    user: User | None = None
    """Whose request it is; None when nobody in particular asks, as the reconciler."""
    refused: tuple[Access, ...] | None = None
    """What the user may not do of what the operation does; None when nobody was asked."""

    @property
    def subject(self) -> Reference:
        """The object the request is about. Its name may be missing while generateName is pending."""
        judged = self.object or self.old_object
        metadata = judged.metadata if judged else None
        name = (metadata.name or f"{metadata.generate_name}*") if metadata else ""
        return Reference(self.kind.name, self.namespace, name)
