"""How much may be asked at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    depth: int
    nodes: int
    """Values in all documents of one text, aliases written out."""
    documents: int
    """Objects in one text, the items of Lists included."""


OF_FILES: Final = Limits(depth=100, nodes=5_000_000, documents=100_000)
"""Of the command, on files of whoever runs it, inventories included: bounds for mistakes, not for work."""
OF_REQUESTS: Final = Limits(depth=100, nodes=50_000, documents=100)
"""Of one call of the service, which judges reviews in the same process: about a second of one thread. A thousand
renaming rules are 8,000 values."""
