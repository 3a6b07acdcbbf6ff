from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.csi import DriverClient, running_driver


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[DriverClient]:
    async with running_driver(tmp_path) as client:
        yield client
