from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from webhook.api.kind import Kind
from webhook.api.meta import ObjectMeta
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.facts.source import Index, Source, UnreadableError
from webhook.inventory.recording import ReadSet, RecordingSource
from webhook.inventory.store import Store
from webhook.kube.undecodable import Undecodable


def _uid(found: VirtualDisk) -> Iterable[str]:
    return (found.metadata.uid,)


BY_UID = Index("by-uid", VIRTUAL_DISK, _uid)
DISK = VirtualDisk(metadata=ObjectMeta(namespace="default", name="a", uid="u"))


class OneKind:
    def __init__(self) -> None:
        self._store = Store(VIRTUAL_DISK, [BY_UID])
        self._store.upsert(("default", "a"), DISK)
        self._store.upsert(("default", "broken"), Undecodable("default", "broken", "1", "why"))

    def knows(self, kind: Kind[Any]) -> bool:
        return kind is VIRTUAL_DISK

    def get(self, _kind: object, namespace: str, name: str) -> VirtualDisk | None:
        return self._store.get(namespace, name)

    def find(self, index: Index[VirtualDisk], value: str) -> tuple[VirtualDisk, ...]:
        return self._store.find(index, value)


@pytest.fixture
def recording() -> RecordingSource:
    source: Source = OneKind()  # type: ignore[assignment]  # knows one kind only
    return RecordingSource(source)


def test_look_ups_are_passed_on(recording: RecordingSource) -> None:
    assert recording.get(VIRTUAL_DISK, "default", "a") == DISK
    assert list(recording.find(BY_UID, "u")) == [DISK]


def test_look_ups_are_remembered_also_those_that_found_nothing(recording: RecordingSource) -> None:
    recording.get(VIRTUAL_DISK, "default", "none")
    recording.find(BY_UID, "none")
    with pytest.raises(UnreadableError):
        recording.get(VIRTUAL_DISK, "default", "broken")
    assert recording.reads == ReadSet(
        gets=frozenset({(VIRTUAL_DISK, "default", "none"), (VIRTUAL_DISK, "default", "broken")}),
        finds=frozenset({(BY_UID, "none")}),
    )
