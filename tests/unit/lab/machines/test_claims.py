from __future__ import annotations

import re

from lab.machines.claims import claim_for, wanted_size
from tests.support.machine_side import disk


def test_claim_is_named_as_on_the_platform_and_always_the_same() -> None:
    assert re.fullmatch(r"d8v-vd-uid-of-root-[a-z]{5}", disk("root").claim_name)
    assert disk("root").claim_name == disk("root").claim_name


def test_claim_is_controlled_by_its_disk() -> None:
    (owner,) = claim_for(disk(), "fast")["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("VirtualDisk", "uid-of-root", True)


def test_claim_asks_for_the_size_and_class_of_the_disk() -> None:
    spec = claim_for(disk(size="3Gi"), "fast")["spec"]
    assert (spec["storageClassName"], spec["resources"]) == ("fast", {"requests": {"storage": "3Gi"}})


def test_blank_disk_without_a_size_wants_none() -> None:
    assert not wanted_size(disk(size=""))
