from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.qemu.monitor import Monitor, MonitorError
from tests.support.fake_qemu import FakeQemu

Event = tuple[str, Mapping[str, Any]]


@pytest.fixture
async def qemu(tmp_path: Path) -> AsyncIterator[FakeQemu]:
    async with FakeQemu.listening(tmp_path / "monitor") as fake:
        yield fake


async def test_command_gets_its_arguments_as_qmp_spells_them(qemu: FakeQemu) -> None:
    monitor = Monitor()
    await monitor.connect(qemu.socket)
    await monitor.execute("blockdev-del", node_name="disk-1")
    assert qemu.heard[-1] == ("blockdev-del", {"node-name": "disk-1"})
    await over(qemu, monitor)


async def test_refusal_is_passed_on(qemu: FakeQemu) -> None:
    qemu.refuses.add("device_add")
    monitor = Monitor()
    await monitor.connect(qemu.socket)
    with pytest.raises(MonitorError, match="device_add"):
        await monitor.execute("device_add")
    await over(qemu, monitor)


async def test_events_are_heard_from_the_beginning_to_the_last_one_before_the_end(qemu: FakeQemu) -> None:
    heard: list[Event] = []
    monitor = Monitor()
    await monitor.connect(qemu.socket)
    await qemu.tell("VSERPORT_CHANGE", id="agent0", open=True)
    await monitor.execute("query-status")
    following = asyncio.create_task(monitor.follow(lambda event, data: heard.append((event, data))))
    await qemu.tell("SHUTDOWN", guest=True, reason="guest-shutdown")
    await qemu.end()
    async with asyncio.timeout(30):
        await following
    assert heard == [
        ("VSERPORT_CHANGE", {"id": "agent0", "open": True}),
        ("SHUTDOWN", {"guest": True, "reason": "guest-shutdown"}),
    ]


async def test_command_to_a_qemu_that_has_ended_is_refused(qemu: FakeQemu) -> None:
    monitor = Monitor()
    await monitor.connect(qemu.socket)
    await over(qemu, monitor)
    with pytest.raises(MonitorError):
        await monitor.execute("quit")


async def test_connection_can_be_tried_again(tmp_path: Path) -> None:
    monitor = Monitor()
    with pytest.raises(MonitorError):
        await monitor.connect(tmp_path / "later")
    async with FakeQemu.listening(tmp_path / "later") as late:
        await monitor.connect(late.socket)
        assert await monitor.execute("query-status") == {}
        await over(late, monitor)


async def over(qemu: FakeQemu, monitor: Monitor) -> None:
    await qemu.end()
    async with asyncio.timeout(30):
        await monitor.follow(lambda _event, _data: None)
