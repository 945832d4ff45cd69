"""Reply codes while thousands of incidents are open: short as long as may be, free at the first try or the second."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alarmd.ids import EXAMPLE_CODE, Ids
from alarmd.store import schema
from alarmd.store.sqlite import connect

OPEN = (
    "INSERT INTO incident (id, code, subject, device, kind, status, opened_at, due_at, step, revision, state)"
    " VALUES (:id, :code, :id, '', 'sos', 'opened', '', '9', 0, 1, '{}')"
)
CLOSE = (
    "UPDATE incident SET status = 'closed', due_at = NULL, closed_at = '1', closed_by = 'W', close_reason = 'fine'"
    " WHERE id = :id"
)
COUNTED = "SELECT length(code), count(*) FROM incident WHERE status <> 'closed' GROUP BY 1"


def counts(db: sqlite3.Connection) -> dict[int, int]:
    return {digits: codes for digits, codes in db.execute("SELECT digits, codes FROM code_use") if codes}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.sampled_from([4, 5])), max_size=30))
def test_it_knows_how_many_codes_are_in_use(tmp_path: Path, steps: list[tuple[bool, int, int]]) -> None:
    schema.migrate(tmp_path / "codes.db")
    db = connect(tmp_path / "codes.db", readonly=False)
    db.execute("BEGIN")
    for opening, number, digits in steps:
        name = {"id": f"i{number}-{digits}", "code": f"{number:0{digits}}"}
        if opening:
            db.execute(OPEN.replace("INSERT", "INSERT OR IGNORE"), name)
        else:
            db.execute(CLOSE, name)
        db.execute("UPDATE incident SET step = step + 1")
        assert counts(db) == dict(map(tuple, db.execute(COUNTED)))
    db.execute("ROLLBACK")
    db.close()


def test_it_counts_those_in_use_when_a_store_of_the_version_before_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "before.db"
    schema.migrate(path, to="0003")
    db = connect(path, readonly=False)
    for number in range(7):
        db.execute(OPEN, {"id": f"i{number}", "code": f"{number:04}"})
    db.execute(OPEN, {"id": "long", "code": "00000"})
    db.execute(CLOSE, {"id": "i3"})
    db.close()
    schema.migrate(path)
    schema.require_current(path)
    db = connect(path, readonly=False)
    assert counts(db) == {4: 6, 5: 1}
    db.execute(CLOSE, {"id": "i0"})
    assert counts(db) == {4: 5, 5: 1}
    db.close()


@pytest.mark.parametrize(("in_use", "digits"), [(0, 4), (3_000, 4), (3_333, 4), (3_334, 5), (10_000, 5), (40_000, 6)])
def test_it_finds_a_free_code_within_a_try_and_a_half(in_use: int, digits: int) -> None:
    dice = random.Random(in_use)  # noqa: S311 - a story's dice
    four = set(dice.sample(range(10_000), min(in_use, 3_334)))
    five = set(dice.sample(range(100_000), in_use - len(four)))
    taken = {f"{code:04}" for code in four} | {f"{code:05}" for code in five}
    tries: list[str] = []

    def is_taken(code: str) -> bool:
        tries.append(code)
        return code in taken

    for _ in range(2_000):
        code = Ids(dice).code(is_taken, {4: len(four), 5: len(five), 6: 0}.__getitem__)
        assert len(code) == digits
        assert code not in taken
        assert code != EXAMPLE_CODE
    assert len(tries) < 1.6 * 2_000
