"""The durable record of a freeze, so that whoever comes after a crash knows what to undo."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from webhook.api.struct import ApiStruct


class FreezeStatus(ApiStruct, frozen=True):
    """Written before the guest is asked to freeze, closed after it was thawed.

    Not part of the platform's own CRD: its controllers ignore it. Times are RFC 3339 in UTC.
    """

    attempt: Annotated[
        int, Meta(description="1 for the first freeze of this snapshot.", extra_json_schema={"minimum": 1})
    ]
    virtual_machine_name: Annotated[str, Meta(description="The machine whose guest was asked to freeze.")]
    requested_at: Annotated[
        str, Meta(description="When the guest was asked to freeze.", extra_json_schema={"format": "date-time"})
    ]
    deadline: Annotated[
        str,
        Meta(
            description="The guest thaws by itself at this time; what was not cut by then is cut again.",
            extra_json_schema={"format": "date-time"},
        ),
    ]
    thawed_at: Annotated[
        str,
        Meta(
            description="When the guest was thawed; absent while it may be frozen.",
            extra_json_schema={"format": "date-time"},
        ),
    ] = ""

    @property
    def outstanding(self) -> bool:
        return not self.thawed_at
