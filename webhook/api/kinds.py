"""All kinds, for those who go through them."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS

KINDS: Final[tuple[Kind[Any], ...]] = (
    VIRTUAL_DISK_SNAPSHOT,
    VIRTUAL_MACHINE_SNAPSHOT,
    VIRTUAL_MACHINE,
    VIRTUAL_DISK,
    PERSISTENT_VOLUME_CLAIM,
    STORAGE_CLASS,
    VOLUME_SNAPSHOT,
    VOLUME_SNAPSHOT_CLASS,
    SECRET,
)
