from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.fake_api_server import FakeApiServer, json, refusal
from webhook.api.meta import ObjectMeta
from webhook.api.storage import STORAGE_CLASS, StorageClass
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.kube.client import Client
from webhook.kube.events import EventRecorder

NOW = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
DISK = VirtualDisk(metadata=ObjectMeta(name="root", namespace="default", uid="u1"))
STORED = json({"metadata": {"name": "e", "namespace": "default"}, "count": 4}, 201)


@pytest.fixture
def recorder(client: Client) -> EventRecorder:
    return EventRecorder(client, component="snapgate", instance="pod-1", now=lambda: NOW)


async def test_an_event_names_its_object_its_reason_and_its_time(
    server: FakeApiServer, recorder: EventRecorder
) -> None:
    server.others.append(STORED)
    await recorder.record(VIRTUAL_DISK, DISK, reason="Frozen", message="the guest is frozen", type="Warning")
    body = server.bodies[0]
    assert server.requests[0].path == "/api/v1/namespaces/default/events"
    assert body["involvedObject"] == {
        "apiVersion": "virtualization.deckhouse.io/v1alpha2",
        "kind": "VirtualDisk",
        "namespace": "default",
        "name": "root",
        "uid": "u1",
    }
    assert (body["reason"], body["message"], body["type"], body["count"]) == (
        "Frozen",
        "the guest is frozen",
        "Warning",
        1,
    )
    assert body["firstTimestamp"] == body["lastTimestamp"] == "2026-11-23T20:30:00Z"


async def test_the_same_text_again_counts_up(server: FakeApiServer, recorder: EventRecorder) -> None:
    server.others.extend([refusal(409, "AlreadyExists"), STORED])
    await recorder.record(VIRTUAL_DISK, DISK, reason="Frozen", message="frozen")
    assert [request.method for request in server.requests] == ["POST", "GET", "PATCH"]
    assert server.bodies[2] == {"count": 5, "lastTimestamp": "2026-11-23T20:30:00Z"}


async def test_names_follow_from_what_is_said(server: FakeApiServer, recorder: EventRecorder) -> None:
    server.others.append(STORED)
    for message in ("one", "two", "one"):
        await recorder.record(VIRTUAL_DISK, DISK, reason="Frozen", message=message)
    names = [body["metadata"]["name"] for body in server.bodies]
    assert names[0] == names[2] != names[1]
    assert names[0].startswith("root.")


async def test_an_event_that_expired_meanwhile_is_written_anew(server: FakeApiServer, recorder: EventRecorder) -> None:
    server.others.extend([refusal(409, "AlreadyExists"), refusal(404, "NotFound"), STORED])
    await recorder.record(VIRTUAL_DISK, DISK, reason="Frozen", message="frozen")
    assert [request.method for request in server.requests] == ["POST", "GET", "POST"]


async def test_a_long_message_is_cut_to_what_the_api_takes(server: FakeApiServer, recorder: EventRecorder) -> None:
    server.others.append(STORED)
    await recorder.record(VIRTUAL_DISK, DISK, reason="Frozen", message="m" * 3000)
    assert len(server.bodies[0]["message"]) == 1024


async def test_events_of_cluster_scoped_objects_go_to_the_default_namespace(
    server: FakeApiServer, recorder: EventRecorder
) -> None:
    server.others.append(STORED)
    await recorder.record(STORAGE_CLASS, StorageClass(metadata=ObjectMeta(name="fast")), reason="R", message="m")
    assert server.bodies[0]["metadata"]["namespace"] == "default"


async def test_a_lost_event_is_counted_and_does_not_raise(server: FakeApiServer, client: Client) -> None:
    server.others.append(refusal(403, "Forbidden"))
    lost = []
    recorder = EventRecorder(
        client, component="snapgate", instance="pod-1", now=lambda: NOW, lost=lambda: lost.append(1)
    )
    await recorder.record(VIRTUAL_DISK, DISK, reason="Frozen", message="frozen")
    assert lost == [1]
