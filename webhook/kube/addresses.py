"""URL paths of objects whose names may come from a user."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.kind import Kind
from webhook.kube.errors import NotFoundError

_NEVER_NAMES: Final = frozenset({"", ".", ".."})


def object_path(kind: Kind[Any], namespace: str, name: str, subresource: str = "") -> str:
    """Raises NotFoundError for what no object can be called.

    A spec names other objects in free text, so `../../secrets/x` gets here. The API server refuses such names itself
    (apimachinery, IsValidPathSegmentName), but only where the path still leads to it.
    """
    if name in _NEVER_NAMES or any(character in name for character in "/%"):
        raise NotFoundError(404, "NotFound", f"no {kind.name} can have the name {name!r}")
    return kind.path(namespace, name, subresource)
