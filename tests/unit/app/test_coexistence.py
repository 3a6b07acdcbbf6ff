from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tests.support.fake_api_server import FakeApiServer, json, refusal
from tests.support.serving import client_of
from webhook.app.coexistence import PLATFORM_CONFIGURATION, Coexistence, PlatformControllersError

ABSENT = refusal(404, "NotFound")
PRESENT = json({"metadata": {"name": PLATFORM_CONFIGURATION}})


class Looks:
    """Lets so many looks happen, then stops."""

    def __init__(self, count: int) -> None:
        self._left = count

    async def __call__(self, _: float) -> None:
        self._left -= 1
        if self._left == 0:
            raise asyncio.CancelledError


async def watched(server: FakeApiServer, looks: int, *, declared_stopped: bool = False) -> tuple[bool, str]:
    """Whether it may act after so many looks, and why it is not ready."""
    async with client_of(server) as client:
        coexistence = Coexistence(client, declared_stopped=declared_stopped, pause=Looks(looks))
        with suppress(asyncio.CancelledError):
            await coexistence.run()
        acting = asyncio.ensure_future(coexistence.alone())
        await asyncio.sleep(0)
        acting.cancel()
        return acting.done() and not acting.cancelled(), coexistence.not_ready_reason() or ""


async def test_nothing_is_done_beside_the_platforms_controllers() -> None:
    server = FakeApiServer()
    server.others.append(PRESENT)
    may_act, reason = await watched(server, 3)
    assert not may_act
    assert "install guard mode" in reason


async def test_work_begins_when_they_are_gone() -> None:
    server = FakeApiServer()
    server.others.extend([PRESENT, PRESENT, ABSENT])
    assert await watched(server, 3) == (True, "")


async def test_without_an_answer_nothing_is_done() -> None:
    server = FakeApiServer()
    server.others.append(refusal(403, "Forbidden", "may not get it"))
    may_act, reason = await watched(server, 1)
    assert not may_act
    assert "may not get it" in reason


async def test_an_outage_later_changes_nothing() -> None:
    server = FakeApiServer()
    server.others.extend([ABSENT, refusal(500, "InternalError")])
    assert await watched(server, 3) == (True, "")


async def test_when_they_come_the_process_ends() -> None:
    server = FakeApiServer()
    server.others.extend([ABSENT, PRESENT])
    with pytest.raises(PlatformControllersError, match=PLATFORM_CONFIGURATION):
        await watched(server, 3)


async def test_an_operators_word_counts_more() -> None:
    server = FakeApiServer()
    assert await watched(server, 2, declared_stopped=True) == (True, "")
    assert server.requests == []
