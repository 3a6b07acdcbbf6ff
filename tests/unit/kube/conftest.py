from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.fake_api_server import FakeApiServer
from tests.support.recording_sink import RecordingSink
from tests.support.serving import client_of
from webhook.kube.client import Client


@pytest.fixture
def server() -> FakeApiServer:
    return FakeApiServer()


@pytest.fixture
async def client(server: FakeApiServer) -> AsyncIterator[Client]:
    async with client_of(server) as connected:
        yield connected


@pytest.fixture
def sink() -> RecordingSink:
    return RecordingSink()
