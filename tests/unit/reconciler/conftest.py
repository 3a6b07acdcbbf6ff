from __future__ import annotations

import pytest

from tests.support.cluster import SimulatedCluster


@pytest.fixture
def cluster() -> SimulatedCluster:
    return SimulatedCluster()
