"""What was written in a namespace, as the API server's audit log has it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from tests.support.kubectl import Json
from tests.support.lab import RunningLab

QUIET_SECONDS: Final = 2.0
"""One write leads to the next within a few hundredths of a second, on a busy machine within tenths."""
READS: Final = frozenset({"get", "list", "watch"})
_SOMEBODYS_LEASES: Final = frozenset({"leases", "events", "subjectaccessreviews", "localsubjectaccessreviews"})


def settled(lab: RunningLab, namespace: str) -> int:
    """How many records there are once so long passes without a write: what went before is none of ours."""
    before = -1
    while (now := len(writes(lab, namespace))) != before:
        before = now
        time.sleep(QUIET_SECONDS)
    return len(lab.audit(namespace))


def writes(lab: RunningLab, namespace: str, *, after: int = 0) -> list[str]:
    """`verb resource/name` of whatever reached storage, SubjectAccessReviews and Events aside, beyond the first
    `after` records."""
    return list(_written(lab.audit(namespace)[after:]))


def _written(records: list[Json]) -> Iterator[str]:
    for record in records:
        reference = record["objectRef"]
        dry = "dryRun=All" in record["requestURI"]
        refused = record.get("responseStatus", {}).get("code", 0) >= 400
        if record["verb"] in READS or dry or refused or reference["resource"] in _SOMEBODYS_LEASES:
            continue
        subresource = f"/{reference['subresource']}" if "subresource" in reference else ""
        yield f"{record['verb']} {reference['resource']}{subresource}/{reference.get('name', '')}"
