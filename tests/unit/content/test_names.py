from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from webhook.content.names import (
    MAX_NAME,
    child_snapshot_name,
    disk_of_child,
    snapshot_secret_name,
    volume_snapshot_name,
)

UID = "0f9e8d7c-6b5a-4321-8765-0123456789ab"
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
NAMES = st.from_regex(r"\A[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?\Z").filter(SUBDOMAIN.fullmatch)


def test_short_names_are_the_platforms() -> None:
    assert volume_snapshot_name("snap", UID) == f"d8v-vds-snap-{UID}"
    assert snapshot_secret_name("snap", UID) == f"d8v-vms-snap-{UID}"
    assert child_snapshot_name("root", UID) == f"root-{UID}"


def test_longest_name_is_cut_to_fit() -> None:
    assert len(volume_snapshot_name("x" * MAX_NAME, UID)) == MAX_NAME


@given(name=NAMES)
def test_every_name_makes_a_name_that_kubernetes_allows(name: str) -> None:
    for made in (volume_snapshot_name(name, UID), snapshot_secret_name(name, UID)):
        assert len(made) <= MAX_NAME
        assert SUBDOMAIN.fullmatch(made)
        assert made.endswith(UID)


@given(name=NAMES)
def test_disk_is_found_in_the_name_of_its_child(name: str) -> None:
    assert disk_of_child(child_snapshot_name(name, UID), UID) == name
