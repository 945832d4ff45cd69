"""Nobody waits for a module that they do not need: a press that is overdue since before a restart, or an operator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LATER = {"alembic", "fastapi", "icalendar", "sqlalchemy", "starlette", "uvicorn"}
HEAVY = LATER | {
    "aiomqtt",
    "asyncio",
    "babel",
    "click",
    "devices.registry",
    "geographiclib",
    "httpx",
    "opening_hours",
    "phonenumbers",
    "pydantic",
    "pydantic_settings",
    "rich",
    "structlog",
    "twilio",
}


def _loaded(code: str, *words: str, folder: Path | None = None) -> set[str]:
    found = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules, file=sys.__stderr__)", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(found.stderr.splitlines()[-1].split())


def test_it_loads_neither_pages_nor_migrations_before_it_acts_on_what_is_overdue() -> None:
    loaded = _loaded("import alarmd.cli.run")
    assert "alarmd.timers" in loaded
    assert not loaded & LATER


RUN = "from alarmd.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--help",),
        ("tail", "-h"),
        ("incidets",),
        ("--version",),
        ("tail", "--language", "zh"),
        ("tail", "-n", "3", "--json"),
        ("devices", "--faulty"),
        ("verify",),
        ("completion", "bash"),
    ],
    ids=" ".join,
)
def test_an_operator_waits_for_nothing_that_the_command_does_not_need(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "alarmd.toml").write_text('[mqtt]\nlisten = "127.0.0.1:0"\n', encoding="utf-8")
    assert not _loaded(RUN, *words, folder=tmp_path) & HEAVY


@pytest.mark.parametrize(
    "words", [("incidents",), ("show", "7KQ2"), ("note", "7KQ2", "tea", "--by", "Ma")], ids=" ".join
)
def test_the_desks_commands_load_no_settings_that_they_do_not_need(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "alarmd.toml").write_text('[mqtt]\nlisten = "127.0.0.1:0"\n', encoding="utf-8")
    assert not _loaded(RUN, *words, folder=tmp_path) & HEAVY
