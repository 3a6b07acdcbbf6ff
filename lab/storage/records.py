from datetime import datetime

import msgspec


class VolumeRecord(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    capacity_bytes: int
    source_snapshot: str = ""
    parameters: dict[str, str] = {}


class SnapshotRecord(msgspec.Struct, frozen=True, rename="camel"):
    """`copy_finished` is what the API reports as the creation time.

    Every byte was read between the two instants. Somebody who froze writes before asking, and thaws after the creation
    time, therefore knows that all bytes are from inside the freeze; the start would claim that for bytes read later.
    """

    name: str
    source_volume: str
    size_bytes: int
    copy_started: datetime
    copy_finished: datetime
    ready_at: datetime
    """Later than the copy where an upload is simulated."""
    parameters: dict[str, str] = {}
