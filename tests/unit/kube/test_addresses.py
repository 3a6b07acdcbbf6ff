from __future__ import annotations

import pytest

from webhook.api.storage import STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.kube.addresses import object_path
from webhook.kube.errors import NotFoundError


@pytest.mark.parametrize("name", ["", ".", "..", "../../secrets/x", "a/b", "a%2fb"])
def test_a_name_that_would_leave_its_collection_is_not_found(name: str) -> None:
    with pytest.raises(NotFoundError):
        object_path(VIRTUAL_DISK, "default", name)


@pytest.mark.parametrize(("name", "segment"), [("a?watch=1", "a%3Fwatch%3D1"), ("a#b", "a%23b"), ("диск", "%D0%B4")])
def test_a_name_stays_one_segment(name: str, segment: str) -> None:
    assert object_path(VIRTUAL_DISK, "default", name).rpartition("/")[2].startswith(segment)


def test_a_namespace_stays_one_segment() -> None:
    assert "/namespaces/a%2Fb/" in object_path(VIRTUAL_DISK, "a/b", "disk")


def test_paths_are_those_of_the_api() -> None:
    group = "/apis/virtualization.deckhouse.io/v1alpha2"
    assert object_path(VIRTUAL_DISK, "ns", "d", "status") == f"{group}/namespaces/ns/virtualdisks/d/status"
    assert VIRTUAL_DISK.path() == f"{group}/virtualdisks"
    assert object_path(STORAGE_CLASS, "", "fast") == "/apis/storage.k8s.io/v1/storageclasses/fast"
