"""A broker for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import Keeper


@pytest.fixture
async def keeper() -> Keeper:
    """Keeps at once, until the test sets `holding`."""
    return Keeper()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """A mosquitto that forgets everything when it stops."""
    async with Mosquitto(tmp_path) as broker:
        yield broker
