from __future__ import annotations

import pytest

from webhook.api.reference import Reference
from webhook.facts.disk import Claim, Disk


def disk(*, requested: str = "10Gi", claim: Claim | None = None, resize_reported: bool = False) -> Disk:
    return Disk(
        reference=Reference("VirtualDisk", "default", "linux-vm-root"),
        uid="",
        phase="Ready",
        deleting=False,
        requested=requested,
        capacity="10Gi",
        users=(),
        claim=claim,
        resize_reported=resize_reported,
    )


def claim(*, requested: str = "10Gi", granted: str = "10Gi", resizing: bool = False, bound: bool = True) -> Claim:
    return Claim(name="claim", bound=bound, driver="", requested=requested, granted=granted, resizing=resizing)


@pytest.mark.parametrize(
    ("sign", "resizing"),
    [
        (disk(claim=claim()), False),
        (disk(), False),
        (disk(resize_reported=True), True),
        (disk(claim=claim(resizing=True)), True),
        (disk(claim=claim(requested="11Gi")), True),
        (disk(claim=claim(granted="11Gi")), False),
        (disk(requested="11Gi", claim=claim()), True),
        (disk(requested="9Gi", claim=claim()), False),
        (disk(requested="10240Mi", claim=claim()), False),
        (disk(requested="", claim=claim()), False),
        (disk(requested="much", claim=claim()), False),
        (disk(claim=claim(granted="", bound=False)), False),
    ],
)
def test_any_sign_of_a_resize_counts(sign: Disk, resizing: bool) -> None:
    assert sign.resizing is resizing


def test_volume_is_bound_when_the_claim_is() -> None:
    assert disk(claim=claim()).volume_bound
    assert not disk(claim=claim(bound=False)).volume_bound
    assert not disk().volume_bound
