from __future__ import annotations

import pytest

from tests.support import manifests
from tests.support.manifests import Json
from tests.support.requests import create
from webhook.api.reference import Reference
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.facts.request import Operation, Request


def subject_with(metadata: Json) -> Reference:
    manifest = manifests.disk_snapshot("snapshot", of="root") | {"metadata": metadata}
    return create(VIRTUAL_DISK_SNAPSHOT, manifest, namespace="team").subject


@pytest.mark.parametrize(
    ("metadata", "name"),
    [({"name": "nightly"}, "nightly"), ({"generateName": "nightly-"}, "nightly-*"), ({"name": None}, "*")],
)
def test_subject_is_named_as_far_as_it_is_known(metadata: Json, name: str) -> None:
    assert subject_with(metadata) == Reference("VirtualDiskSnapshot", "team", name)


def test_subject_of_a_delete_is_the_object_that_goes() -> None:
    old = create(VIRTUAL_DISK_SNAPSHOT, manifests.disk_snapshot("snapshot", of="root")).object
    request = Request(Operation.DELETE, VIRTUAL_DISK_SNAPSHOT, "team", old_object=old)
    assert request.subject == Reference("VirtualDiskSnapshot", "team", "snapshot")
