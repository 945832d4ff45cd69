"""The same mistake ends every command with the same code."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.support.site import Site

ASKS_FOR_A_RESIDENT = (
    ("explain", "nobody-of-that-name"),
    ("tail", "--resident", "nobody-of-that-name"),
    ("devices", "--resident", "nobody-of-that-name"),
    ("commission", "nobody-of-that-name"),
)
READS_THE_STORE = (
    ("explain", "wang"),
    ("coverage",),
    ("tail",),
    ("verify",),
    ("devices",),
    ("exposure", "--since", "2h"),
    ("report", "--month", "2026-11"),
    ("commission", "wang"),
    ("check",),
)


@pytest.mark.parametrize("words", ASKS_FOR_A_RESIDENT, ids=lambda words: words[0])
def test_nobody_of_that_name_is_1(tmp_path: Path, words: tuple[str, ...]) -> None:
    site = Site(tmp_path)
    assert site.import_example().code == 0
    result = site.run(*words)
    assert result.code == 1, result.err
    assert "nobody-of-that-name" in result.err


@pytest.mark.parametrize("words", READS_THE_STORE, ids=lambda words: words[0])
def test_a_damaged_store_is_1(tmp_path: Path, words: tuple[str, ...]) -> None:
    site = Site(tmp_path)
    site.file("alarmd.db", "this is no database, whatever its name says")
    assert site.run(*words).code == 1


@pytest.mark.parametrize(
    "words",
    [
        *READS_THE_STORE,
        ("people",),
        ("retire", "--list"),
        ("retire", "resident", "wang", "--by", "me", "--reason", "it"),
    ],
    ids=" ".join,
)
def test_a_page_that_is_damaged_is_1_although_the_store_opens(tmp_path: Path, words: tuple[str, ...]) -> None:
    site = Site(tmp_path)
    assert site.import_example().code == 0
    damage_each_table(site.folder / "alarmd.db")
    result = site.run(*words)
    assert result.code == 1
    assert "damaged" in result.out + result.err


def test_a_page_that_is_damaged_is_1_for_an_import_too(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.import_example().code == 0
    damage_each_table(site.folder / "alarmd.db")
    result = site.run("import", site.file("residents.csv", "id,name\nwang,王秀英\n"))
    assert result.code == 1
    assert "damaged" in result.err


def damage_each_table(path: Path) -> None:
    """Spoil the first page of each table and index but what an opening looks at."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        roots = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE rootpage > 0 AND tbl_name != 'alembic_version'"
        ).fetchall()
    with path.open("r+b") as file:
        for (page,) in roots:
            file.seek((page - 1) * size)
            file.write(b"\x5a" * size)


def test_a_damaged_store_is_1_for_an_import_too(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.file("alarmd.db", "this is no database, whatever its name says")
    assert site.run("import", site.file("residents.csv", "id,name\nwang,王秀英\n")).code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "wang", "--at", "tomorrow"),
        ("tail", "--since", "lately"),
        ("report", "--month", "November"),
        ("import", "nowhere.csv"),
        ("explain",),
        ("explain", "wang", "--signal", "cough"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_understood_is_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    site = Site(tmp_path)
    assert site.import_example().code == 0
    assert site.run(*words).code == 2


@pytest.mark.parametrize("command", ["check", "coverage", "tail", "verify", "devices", "import"])
def test_faulty_settings_are_2(tmp_path: Path, command: str) -> None:
    site = Site(tmp_path, '[mqtt]\nlistem = "127.0.0.1:1883"\n')
    words = [site.file("residents.csv", "id,name\nwang,王秀英\n")] if command == "import" else []
    assert site.run(command, *words).code == 2


def test_a_first_import_says_that_it_begins_a_store(tmp_path: Path) -> None:
    assert "there was no store at alarmd.db: a new one is begun" in (first := Site(tmp_path)).import_example().err
    assert "new one is begun" not in first.import_example().err


@pytest.mark.parametrize(
    ("words", "meanwhile"),
    [
        (("verify",), "alarmd.cli.log.journal.verify"),
        (("backup", "copy.db"), "alarmd.cli.storage._copy"),
        (("report", "--month", "2026-11"), "alarmd.cli.report.month_of"),
        (("tail",), "alarmd.cli.log._start"),
    ],
    ids=lambda it: it[0] if isinstance(it, tuple) else "",
)
def test_what_is_broken_off_is_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], meanwhile: str
) -> None:
    site = Site(tmp_path)
    assert site.import_example().code == 0
    monkeypatch.chdir(site.folder)

    def ctrl_c(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(meanwhile, ctrl_c)
    assert site.run(*words).code == 130
    assert not (site.folder / "copy.db").exists()
