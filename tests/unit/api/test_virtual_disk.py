from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tests.support import source_manifests
from webhook.api.decoding import decode
from webhook.api.virtual_disk import VIRTUAL_DISK, Phase, VirtualDisk
from webhook.api.vocabulary import RETAINED_VOLUME


def disk(**described: Any) -> VirtualDisk:
    manifest = source_manifests.disk_from("snap", **described)
    manifest["metadata"]["uid"] = "0a1b2c3d"
    return decode(VIRTUAL_DISK, msgspec.json.encode(manifest))


def test_name_of_the_claim_is_the_platforms_and_always_the_same() -> None:
    assert re.fullmatch(r"d8v-vd-0a1b2c3d-[a-z]{5}", disk().claim_name)
    assert disk().claim_name == disk().claim_name


def test_claim_that_the_status_names_is_the_disks() -> None:
    manifest = source_manifests.disk_from("snap") | {"status": {"target": {"persistentVolumeClaimName": "theirs"}}}
    assert decode(VIRTUAL_DISK, msgspec.json.encode(manifest)).claim_name == "theirs"


@pytest.mark.parametrize(
    ("phase", "in_recovery"),
    [
        *((phase, True) for phase in ("", "Pending", "Provisioning", "WaitForFirstConsumer", "Failed")),
        *((phase, False) for phase in (Phase.READY, Phase.RESIZING, Phase.PVC_LOST, Phase.MIGRATING)),
    ],
)
def test_disk_is_in_recovery_until_it_was_ready(phase: str, in_recovery: bool) -> None:
    assert disk(phase=phase).in_recovery is in_recovery


def test_disk_of_something_else_is_not_in_recovery() -> None:
    other = decode(VIRTUAL_DISK, b'{"spec":{"dataSource":{"type":"HTTP","http":{"url":"https://example.com"}}}}')
    assert (other.source_snapshot, other.in_recovery) == ("", False)


def test_disk_that_is_put_back_needs_no_snapshot() -> None:
    put_back = disk(annotations={RETAINED_VOLUME: "pv-1"})
    assert (put_back.source_snapshot, put_back.retained_volume, put_back.in_recovery) == ("", "pv-1", True)
