"""Names that belong to the platform's API group rather than to one kind."""

from __future__ import annotations

from typing import Final

GROUP: Final = "virtualization.deckhouse.io"
VERSION: Final = "v1alpha2"
SUBRESOURCES_GROUP: Final = "subresources.virtualization.deckhouse.io"
"""The aggregated API that freezes and thaws guests."""
CATEGORY: Final = "virtualization"
"""`kubectl get virtualization` lists the group's objects."""
