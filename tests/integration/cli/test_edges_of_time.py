"""Times at the edges of the calendar, wherever an operator or a program may write one, are a sentence or the edge."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from alarmd import times
from tests.support.commands import alarmd
from tests.support.station import fill, write_settings

EDGES = ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59"]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    fill(tmp_path / "alarmd.db")
    return write_settings(tmp_path)


@pytest.mark.parametrize("moment", EDGES)
def test_no_command_breaks_at_them(settings: Path, moment: str) -> None:
    for words in (["explain", "wang", "--at", moment], ["coverage", "--at", moment]):
        found = alarmd(*words, "-c", settings)
        assert (found.code, "is not a time" in found.err) == (2, True), words
    for words in (["tail", "--since", moment], ["tail", "-n", "2", "--since", moment], ["exposure", "--since", moment]):
        assert alarmd(*words, "-c", settings).code == 0, words


@pytest.mark.parametrize(
    "words", [["tail", "--since", "99999d"], ["tail", "--since", "9e99s"], ["report", "--month", "9999-12"]]
)
def test_what_is_no_time_is_a_sentence(settings: Path, words: list[str]) -> None:
    assert alarmd(*words, "-c", settings).code == 2


def test_what_has_no_date_in_utc_is_the_first_or_the_last_there_is() -> None:
    assert times.to_text(datetime.fromisoformat(EDGES[0])) == "0001-01-01T00:00:00.000000Z"
    assert times.to_text(datetime.fromisoformat(EDGES[2])) == "9999-12-31T23:59:59.999999Z"
