"""Who waits since before a restart waits for no module that serves pages, migrates stores or reads calendars."""

from __future__ import annotations

import subprocess
import sys

LATER = {"alembic", "fastapi", "icalendar", "sqlalchemy", "starlette", "uvicorn"}


def test_it_loads_neither_pages_nor_migrations_before_it_acts_on_what_is_overdue() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import alarmd.cli.run, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(found.stdout.split())
    assert "alarmd.timers" in loaded
    assert not loaded & LATER
