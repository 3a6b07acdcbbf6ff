"""What is left out of objects before they are kept."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from webhook.api.meta import Object
from webhook.api.vocabulary import LAST_APPLIED_CONFIGURATION

T = TypeVar("T", bound=Object)


def without_last_applied(kept: T) -> T:
    """kubectl's copy of the whole manifest is often most of an object, and no rule reads it."""
    annotations = kept.metadata.annotations
    if LAST_APPLIED_CONFIGURATION not in annotations:
        return kept
    rest = {name: value for name, value in annotations.items() if name != LAST_APPLIED_CONFIGURATION}
    return msgspec.structs.replace(kept, metadata=msgspec.structs.replace(kept.metadata, annotations=rest))
