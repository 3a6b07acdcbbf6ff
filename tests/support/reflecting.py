"""A reflector of disks that runs while a test looks."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.support.background import in_background
from tests.support.recording_sink import RecordingSink
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDisk
from webhook.kube.client import Client
from webhook.kube.reflector import Reflector, WatchSettings

QUICK = WatchSettings(
    first_delay_seconds=0.001, longest_delay_seconds=0.02, server_timeout_seconds=(300, 600), silence_seconds=30.0
)


@asynccontextmanager
async def running(
    client: Client, sink: RecordingSink, settings: WatchSettings = QUICK, *, random: Callable[[], float] = lambda: 0.5
) -> AsyncIterator[Reflector[VirtualDisk]]:
    reflector = Reflector(
        client,
        VIRTUAL_DISK,
        sink,
        field_selector="metadata.name!=ignored",
        clock=time.monotonic,
        random=random,
        settings=settings,
        observer=sink,
    )
    async with in_background(reflector.run()):
        yield reflector
