"""A neighbourhood whose daemon is a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.running import Running


@pytest.fixture
async def alarmd(tmp_path: Path) -> AsyncIterator[Running]:
    """Filled, but not started."""
    async with Running(tmp_path) as running:
        running.fill()
        yield running
