"""Secret without its bytes: nothing that is cached or logged ever holds them."""

from __future__ import annotations

from typing import Final

from webhook.api.kind import Kind
from webhook.api.meta import Object

SNAPSHOT_SECRET_TYPE: Final = "virtualmachine.virtualization.deckhouse.io/snapshot"


class Secret(Object, frozen=True):
    type: str = ""


SECRET: Final = Kind("", "v1", "Secret", "secrets", Secret)
