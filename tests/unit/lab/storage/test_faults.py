import asyncio
import errno
import os
import threading
from pathlib import Path

import grpc
import pytest

from lab.storage import store
from lab.storage.exclusive import Exclusive
from tests.support.csi import DriverClient, answered_with, left_behind, running_driver


async def test_restart_removes_what_was_unfinished(tmp_path: Path) -> None:
    leftover = tmp_path / "storage" / "staging" / "new-snapshots-snapshot-1"
    leftover.mkdir(parents=True)
    (leftover / "disk.img").write_bytes(b"half")
    async with running_driver(tmp_path) as driver:
        assert left_behind(driver.storage) == []


async def test_restart_keeps_what_was_finished(tmp_path: Path) -> None:
    async with running_driver(tmp_path) as driver:
        volume = await driver.create_volume("pvc-1", required=1)
    async with running_driver(tmp_path) as driver:
        assert await driver.create_volume("pvc-1", required=1) == volume


async def test_socket_left_by_a_killed_driver_is_taken_over(tmp_path: Path) -> None:
    async with running_driver(tmp_path):
        (tmp_path / "csi.sock").rename(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "csi.sock")
    async with running_driver(tmp_path) as driver:
        await driver.delete_volume("any")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EIO, grpc.StatusCode.INTERNAL),
        (errno.ENOSPC, grpc.StatusCode.RESOURCE_EXHAUSTED),
        (errno.EFBIG, grpc.StatusCode.OUT_OF_RANGE),
    ],
)
async def test_failed_copy_leaves_nothing_and_can_be_repeated(
    driver: DriverClient, monkeypatch: pytest.MonkeyPatch, number: int, code: grpc.StatusCode
) -> None:
    def break_off(source: Path, target: Path, size_bytes: int) -> None:
        target.write_bytes(b"half")
        raise OSError(number, os.strerror(number))

    await driver.create_volume("pvc-1", required=1)
    with monkeypatch.context() as patch:
        patch.setattr(store, "copy_image", break_off)
        async with answered_with(code):
            await driver.create_snapshot("snapshot-1", "pvc-1")
    assert left_behind(driver.storage / "staging") == []
    assert (await driver.create_snapshot("snapshot-1", "pvc-1")).ready_to_use


async def test_work_outlives_a_caller_that_gives_up_and_a_retry_waits_for_it() -> None:
    exclusive, started, release, finished = Exclusive(), asyncio.Event(), threading.Event(), list[str]()
    loop = asyncio.get_running_loop()

    def slow() -> None:
        loop.call_soon_threadsafe(started.set)
        release.wait(timeout=10)
        finished.append("first")

    impatient = asyncio.create_task(exclusive.run("snapshot-1", slow))
    await started.wait()
    impatient.cancel()
    retry = asyncio.create_task(exclusive.run("snapshot-1", lambda: finished.append("retry")))
    await asyncio.wait({impatient})
    release.set()
    await retry
    assert finished == ["first", "retry"]
