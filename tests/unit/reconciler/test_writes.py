from __future__ import annotations

from typing import Any, cast

import pytest

from tests.support.world import World
from webhook.api.meta import Object
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.virtual_disk_snapshot import VirtualDiskSnapshotStatus as Status
from webhook.inventory.inventory import Inventory
from webhook.kube.client import Client
from webhook.kube.errors import NotFoundError
from webhook.reconciler.writes import ApiWrites, NotVisibleError


class Server:
    """Of `Client` what is asked of it, with one answer; of `Inventory` whether it sees that."""

    def __init__(self, answer: Object | Exception) -> None:
        self.answer = answer
        self.asked: list[Any] = []
        self.waited_for: list[str | None] = []
        self.sees = True

    async def merge_patch(self, kind: Any, namespace: str, name: str, patch: Any, *, subresource: str = "") -> Any:
        self.asked.append((subresource, patch))
        return self._answer()

    async def delete(self, kind: Any, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        self.asked.append(("delete", (uid, resource_version)))
        self._answer()

    async def visible(
        self, kind: Any, namespace: str, name: str, version: str | None, *, deadline_seconds: float
    ) -> bool:
        self.waited_for.append(version)
        return self.sees

    def _answer(self) -> Object:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def writes_to(server: Server) -> ApiWrites:
    return ApiWrites(cast("Client", server), cast("Inventory", server))


@pytest.fixture
def seen(world: World) -> VirtualDiskSnapshot:
    world.disk_snapshot("snap", of="root", phase="Pending", consistent=True)
    world.change(VIRTUAL_DISK_SNAPSHOT, "snap", metadata={"resourceVersion": "7", "finalizers": ["a"]})
    found = world.get(VIRTUAL_DISK_SNAPSHOT, "default", "snap")
    assert found is not None
    return found


async def test_status_is_a_guarded_patch_of_the_difference(seen: VirtualDiskSnapshot) -> None:
    server = Server(seen)
    assert await writes_to(server).set_status(VIRTUAL_DISK_SNAPSHOT, seen, Status(phase=Phase.IN_PROGRESS))
    patch = {"status": {"phase": "InProgress", "consistent": None}, "metadata": {"resourceVersion": "7"}}
    assert server.asked == [("status", patch)]


async def test_status_that_is_so_already_is_not_written(seen: VirtualDiskSnapshot) -> None:
    server = Server(seen)
    assert not await writes_to(server).set_status(VIRTUAL_DISK_SNAPSHOT, seen, seen.status)
    assert server.asked == []


async def test_finalizers_are_guarded_and_written_only_when_they_differ(seen: VirtualDiskSnapshot) -> None:
    server = Server(seen)
    await writes_to(server).set_finalizers(VIRTUAL_DISK_SNAPSHOT, seen, ["a"])
    await writes_to(server).set_finalizers(VIRTUAL_DISK_SNAPSHOT, seen, [])
    assert server.asked == [("", {"metadata": {"finalizers": [], "resourceVersion": "7"}})]


async def test_write_is_waited_for(seen: VirtualDiskSnapshot) -> None:
    server = Server(seen)
    await writes_to(server).set_finalizers(VIRTUAL_DISK_SNAPSHOT, seen, [])
    assert server.waited_for == ["7"]


async def test_write_that_does_not_come_back_ends_the_pass(seen: VirtualDiskSnapshot) -> None:
    server = Server(seen)
    server.sees = False
    with pytest.raises(NotVisibleError):
        await writes_to(server).set_finalizers(VIRTUAL_DISK_SNAPSHOT, seen, [])


async def test_delete_takes_only_the_object_that_was_seen(seen: VirtualDiskSnapshot) -> None:
    server = Server(seen)
    await writes_to(server).delete(VIRTUAL_DISK_SNAPSHOT, seen)
    assert server.asked == [("delete", (seen.metadata.uid, ""))]
    assert server.waited_for == [None]


async def test_delete_may_ask_for_the_very_state_that_was_seen(seen: VirtualDiskSnapshot) -> None:
    server = Server(seen)
    await writes_to(server).delete(VIRTUAL_DISK_SNAPSHOT, seen, unchanged=True)
    assert server.asked == [("delete", (seen.metadata.uid, seen.metadata.resource_version))]


async def test_delete_of_what_is_gone_is_done(seen: VirtualDiskSnapshot) -> None:
    server = Server(NotFoundError(404, "NotFound", "gone"))
    await writes_to(server).delete(VIRTUAL_DISK_SNAPSHOT, seen)
    assert server.waited_for == []


async def test_patch_of_what_is_gone_is_told(seen: VirtualDiskSnapshot) -> None:
    with pytest.raises(NotFoundError):
        await writes_to(Server(NotFoundError(404, "NotFound", "gone"))).set_finalizers(VIRTUAL_DISK_SNAPSHOT, seen, [])
