from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.support.disks import broken_disk, disk
from tests.support.fake_api_server import FakeApiServer, Stream, bookmark, closing, event, page, refusal, status, text
from tests.support.recording_sink import RecordingSink
from tests.support.reflecting import QUICK, running
from webhook.kube.client import Client


async def test_a_list_that_expires_between_pages_starts_again_from_the_present_state(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.extend([page([disk("gone", "5")], "10", more="next"), refusal(410, "Expired"), page([], "20")])
    server.watches.append(Stream())
    async with running(client, sink):
        await server.until(lambda: bool(server.watched))
    assert "resourceVersion" not in server.listed[2]
    assert sink.objects == {}


@pytest.mark.parametrize("how", ["answer", "event"])
async def test_an_expired_position_leads_to_a_list_of_the_present_state(
    server: FakeApiServer, client: Client, sink: RecordingSink, how: str
) -> None:
    expired = refusal(410, "Expired") if how == "answer" else closing(event("ERROR", status(410, "Expired")))
    server.lists.extend([page([disk("a", "5"), disk("b", "6")], "10"), page([disk("b", "6")], "30")])
    server.watches.extend([expired, Stream()])
    async with running(client, sink):
        await server.until(lambda: len(server.watched) == 2)
    assert "resourceVersion" not in server.listed[1]
    assert sink.objects == {"b": "6"}
    assert sink.restarts == ["expired"]


async def test_positions_that_expire_again_and_again_are_not_a_loop(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    server.watches.append(refusal(410, "Expired"))
    settings = replace(QUICK, first_delay_seconds=0.05, longest_delay_seconds=10.0)
    async with running(client, sink, settings, random=lambda: 0.0):
        started = time.monotonic()
        await server.until(lambda: len(server.watched) == 5)
        waited = time.monotonic() - started
    assert waited >= 0.05 + 0.1 + 0.2 + 0.4 - 0.05


async def test_any_error_event_leads_to_a_list(server: FakeApiServer, client: Client, sink: RecordingSink) -> None:
    server.lists.append(page([], "10"))
    server.watches.extend([closing(event("ERROR", {"kind": "Status"})), Stream()])
    async with running(client, sink):
        await server.until(lambda: len(server.watched) == 2)
    assert (len(server.listed), sink.restarts) == (2, ["server-error"])


@pytest.mark.parametrize("code", [429, 503])
async def test_a_busy_server_is_asked_again_from_the_same_position_after_the_time_it_names(
    server: FakeApiServer, client: Client, sink: RecordingSink, code: int
) -> None:
    server.lists.append(page([], "10"))
    server.watches.extend([text("Too many requests, please try again later.", code, {"Retry-After": "1"}), Stream()])
    async with running(client, sink):
        await server.until(lambda: len(server.watched) == 1)
        refused_at = time.monotonic()
        await server.until(lambda: len(server.watched) == 2)
        waited = time.monotonic() - refused_at
    assert waited >= 0.99
    assert (server.watched[1]["resourceVersion"], len(server.listed)) == ("10", 1)


async def test_a_server_that_ends_every_stream_at_once_is_not_asked_in_a_loop(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    server.watches.append(closing())
    settings = replace(QUICK, first_delay_seconds=0.05, longest_delay_seconds=10.0)
    async with running(client, sink, settings, random=lambda: 0.0):
        started = time.monotonic()
        await server.until(lambda: len(server.watched) == 5)
        waited = time.monotonic() - started
    assert waited >= 0.05 + 0.1 + 0.2 + 0.4 - 0.05


async def test_a_list_that_keeps_failing_is_not_asked_in_a_loop(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(refusal(404, "NotFound"))
    settings = replace(QUICK, first_delay_seconds=0.05, longest_delay_seconds=10.0)
    async with running(client, sink, settings, random=lambda: 0.0) as reflector:
        started = time.monotonic()
        await server.until(lambda: len(server.listed) == 4)
        waited = time.monotonic() - started
        assert not reflector.synced.is_set()
        assert reflector.failing_since is not None
    assert waited >= 0.05 + 0.1 + 0.2 - 0.05


async def test_a_silent_stream_is_torn_down_and_resumed(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    server.watches.extend([Stream(event("ADDED", disk("a", "11"))), Stream(event("ADDED", disk("b", "12")))])
    async with running(client, sink, replace(QUICK, silence_seconds=1.0)):
        await sink.until(lambda: sink.objects == {"a": "11", "b": "12"})
    assert (sink.restarts[0], len(server.listed)) == ("silent", 1)
    assert server.watched[1]["resourceVersion"] == "11"


async def test_an_event_cut_off_in_the_middle_is_delivered_by_the_next_stream(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    server.watches.extend([Stream(b'{"type":"ADDED","obj').ended(), Stream(event("ADDED", disk("a", "11")))])
    async with running(client, sink):
        await sink.until(lambda: sink.objects == {"a": "11"})
    assert len(server.listed) == 1


async def test_an_event_of_several_mebibytes_arrives(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    server.watches.append(Stream(event("ADDED", disk("a", "11", annotations={"big": "x" * (6 << 20)}))))
    async with running(client, sink):
        await sink.until(lambda: sink.objects == {"a": "11"})
    assert sink.restarts == []


async def test_an_object_that_does_not_decode_is_a_marker_and_the_watch_lives(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([broken_disk("a", "5")], "10"))
    server.watches.append(Stream(event("ADDED", broken_disk("b", "11")), event("ADDED", disk("c", "12"))))
    async with running(client, sink):
        await sink.until(lambda: "c" in sink.objects)
    assert sink.objects == {"a": "!5", "b": "!11", "c": "12"}
    assert sink.restarts == []


async def test_a_stream_of_something_else_than_events_does_not_end_the_reflector(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    server.watches.extend([closing(b"<html>gateway</html>\n"), Stream(event("ADDED", disk("a", "11")))])
    async with running(client, sink):
        await sink.until(lambda: sink.objects == {"a": "11"})
    assert sink.restarts == ["unreachable"]


async def test_a_list_of_something_else_than_a_list_does_not_end_the_reflector(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.extend([text("<html>gateway</html>", 200), page([disk("a", "5")], "10")])
    server.watches.append(Stream())
    async with running(client, sink):
        await sink.until(lambda: sink.objects == {"a": "5"})


async def test_failing_ends_when_a_stream_opens_again(
    server: FakeApiServer, client: Client, sink: RecordingSink
) -> None:
    server.lists.append(page([], "10"))
    opened = Stream(bookmark("11"))
    server.watches.extend([refusal(500, "InternalError"), opened])
    async with running(client, sink) as reflector:
        await sink.until(lambda: sink.restarts == ["server-error"])
        assert reflector.failing_since is not None
        await sink.until(lambda: sink.positions[-1:] == ["11"])
        assert reflector.failing_since is None
