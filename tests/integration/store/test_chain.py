"""The log is the record: whoever changes, removes or moves an entry is found out, and the first wrong one is named."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alarmd import journal
from alarmd.journal import Verdict
from alarmd.store import reading, schema, writing

COUNT = 10_000
START = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with ten thousand entries."""
    path = tmp_path_factory.mktemp("log") / "alarmd.db"
    schema.migrate(path)
    with writing(f"sqlite:///{path}") as tx:
        for i in range(COUNT):
            entry = journal.Entry(
                event="signal.kept", resident="wang", device="bed", data={"signal": i, "text": "救命"}
            )
            journal.append(tx, START + timedelta(seconds=i), entry)
    return path


@pytest.fixture
def log(long_log: Path, path: Path) -> Path:
    """A copy that may be tampered with."""
    shutil.copy(long_log, path)
    return path


def tamper(path: Path, *statements: str) -> None:
    """What somebody does who has the file and no respect for triggers."""
    with sqlite3.connect(path) as raw:
        for trigger in ("journal_append_only_update", "journal_append_only_delete"):
            raw.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            raw.execute(statement)
    raw.close()


def verdict(path: Path) -> Verdict:
    with reading(f"sqlite:///{path}") as tx:
        return journal.verify(tx)


def test_ten_thousand_entries_verify(long_log: Path) -> None:
    assert verdict(long_log) == Verdict(count=COUNT)


def test_the_hash_is_what_the_page_says_it_is(log: Path) -> None:
    """Recomputed here from the line alone, as an auditor without alarmd would."""
    with reading(f"sqlite:///{log}") as tx:
        lines = [entry.as_json() for entry in journal.read(tx, limit=100)]
    before = "0" * 64
    for line in lines:
        fields = json.loads(line)
        stated = fields.pop("hash")
        assert fields["prev"] == before
        canonical = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(canonical.encode()).hexdigest() == stated
        before = stated


@pytest.mark.parametrize(
    ("statement", "bad", "why"),
    [
        ("UPDATE journal SET data = replace(data, '4999', '4998') WHERE seq = 5000", 5000, "was changed after"),
        ("UPDATE journal SET at = '2026-11-21T11:30:01.000000Z' WHERE seq = 1", 1, "was changed after"),
        ("UPDATE journal SET actor = 'nobody' WHERE seq = 7", 7, "was changed after"),
        ("UPDATE journal SET resident = NULL WHERE seq = 10000", 10000, "was changed after"),
        ("UPDATE journal SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE seq = 42", 42, "was changed after"),
        ("UPDATE journal SET prev = hash WHERE seq = 42", 42, "does not follow"),
        ("DELETE FROM journal WHERE seq = 5000", 5001, "entry 5000 is missing"),
        ("DELETE FROM journal WHERE seq = 1", 2, "entry 1 is missing"),
        ("UPDATE journal SET seq = seq + 1 WHERE seq = 10000", 10001, "entry 10000 is missing"),
    ],
)
def test_one_change_is_found_and_named(log: Path, statement: str, bad: int, why: str) -> None:
    tamper(log, statement)
    found = verdict(log)
    assert found.bad_seq == bad
    assert why in found.why


SWAP = (
    "UPDATE journal SET seq = 99999 WHERE seq = 100",
    "UPDATE journal SET seq = 100 WHERE seq = 200",
    "UPDATE journal SET seq = 200 WHERE seq = 99999",
)


def test_two_entries_that_changed_places_are_found(log: Path) -> None:
    tamper(log, *SWAP)
    found = verdict(log)
    assert (found.count, found.bad_seq, found.why) == (99, 100, "does not follow the entry before it")


def test_a_removal_with_everything_after_renumbered_is_found(log: Path) -> None:
    tamper(log, "DELETE FROM journal WHERE seq = 5000", "UPDATE journal SET seq = seq - 1 WHERE seq > 5000")
    found = verdict(log)
    assert (found.bad_seq, found.why) == (5000, "does not follow the entry before it")


@pytest.mark.parametrize("seq", [1, 5000, COUNT])
def test_a_byte_changed_in_the_file_itself_is_found(log: Path, seq: int) -> None:
    """Not through SQL at all: one letter of one entry, in the file."""
    with sqlite3.connect(log) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    needle = f'"signal":{seq - 1},"text":"救命"'.encode()
    content = log.read_bytes()
    assert content.count(needle) == 1
    log.write_bytes(content.replace(needle, needle.replace("救".encode(), "没".encode())))
    assert verdict(log).bad_seq == seq


def test_a_log_that_goes_on_after_a_reopening_is_one_chain(log: Path) -> None:
    for i in range(3):
        with writing(f"sqlite:///{log}") as tx:
            journal.append(tx, START, journal.Entry(event="incident.noted", data={"i": i}))
    assert verdict(log) == Verdict(count=COUNT + 3)


def test_an_empty_log_is_in_order(path: Path) -> None:
    schema.migrate(path)
    assert verdict(path) == Verdict(count=0)
