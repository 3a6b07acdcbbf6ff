"""Why a process should get no work yet, in words for whoever reads the probe."""

from __future__ import annotations

from collections.abc import Callable

from webhook.inventory.inventory import Inventory


def of_inventory(inventory: Inventory) -> Callable[[], str | None]:
    def not_ready_reason() -> str | None:
        if not inventory.synced:
            return "the first lists of the watch cache are not complete"
        return "; ".join(inventory.broken()) or None

    return not_ready_reason
