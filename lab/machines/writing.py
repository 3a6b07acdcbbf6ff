"""What is patched."""

from __future__ import annotations

from typing import Any

import msgspec

from webhook.api.meta import Object
from webhook.api.struct import ApiStruct


def status_patch(subject: Object, status: ApiStruct) -> dict[str, Any]:
    """A merge patch that makes the status say this, and only if nobody wrote meanwhile.

    What became empty is removed, and what the struct does not describe is left alone. The resourceVersion guards the
    list of conditions, which a merge patch replaces as a whole although others have conditions in it.
    """
    body: dict[str, Any] = dict.fromkeys(status.__struct_encode_fields__)
    body |= msgspec.to_builtins(status)
    return {"metadata": {"resourceVersion": subject.metadata.resource_version}, "status": body}


def without_finalizer(subject: Object, finalizer: str) -> dict[str, Any]:
    """A merge patch replaces the list as a whole, so only of the object as it was read."""
    kept = [each for each in subject.metadata.finalizers if each != finalizer]
    return {"metadata": {"finalizers": kept, "resourceVersion": subject.metadata.resource_version}}
