from __future__ import annotations

import pytest
from hypothesis import settings

from tests.support.world import World

settings.register_profile("snapgate", deadline=None)
settings.load_profile("snapgate")
"""Without hypothesis' deadline of 200 ms per example: it measures how busy the machine is."""


@pytest.fixture
def world() -> World:
    return World()
