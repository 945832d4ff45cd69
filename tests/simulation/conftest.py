"""A town's database, made once for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.run import template


@pytest.fixture(scope="module")
def town() -> Iterator[Path]:
    with template() as database:
        yield database
