"""A watched core for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.watching import Watching, watching


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watching]:
    """Watchdogs beside a core whose clock stands still."""
    async with watching(tmp_path) as made:
        yield made
