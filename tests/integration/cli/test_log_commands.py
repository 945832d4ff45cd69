from __future__ import annotations

import json
import signal
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alarmd import journal
from alarmd.store import writing
from alarmd.store.sqlite import connect
from tests.support.commands import Outcome, alarmd, started
from tests.support.station import fill, write_settings
from tests.support.stopped_clock import START
from tests.support.tampering import unguarded


class Log:
    """A store with some entries, and its settings."""

    def __init__(self, folder: Path, more: str = '[service]\ntimezone = "Asia/Shanghai"\nlanguage = "zh-CN"') -> None:
        self.path = folder / "alarmd.db"
        self.file = write_settings(folder, more=more)
        fill(self.path)

    def write(self, event: str, at: datetime = START, **fields: object) -> int:
        with writing(f"sqlite:///{self.path}") as tx:
            return journal.append(tx, at, journal.Entry(event=event, **fields))  # type: ignore[arg-type]  # any of its fields

    def tamper(self, statement: str) -> None:
        """What a thief with the file in his hands can do."""
        with unguarded(self.path) as connection:
            connection.execute(statement)

    def run(self, command: str, *words: str) -> Outcome:
        return alarmd(command, "-c", self.file, *words)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(tmp_path)
    log.write(
        "incident.opened",
        incident="261121-7KQ2",
        resident="wang",
        device="bed",
        data={"kind": "sos", "plan": "standard", "code": "4821"},
    )
    log.write(
        "incident.accepted",
        START + timedelta(seconds=42),
        incident="261121-7KQ2",
        resident="wang",
        actor="li",
        data={"name": "李强", "via": "voice"},
    )
    log.write("device.silent", START + timedelta(hours=3), resident="smith", device="bed")
    return log


def test_tail_for_machines_is_exactly_the_contracts_lines(log: Log) -> None:
    lines = log.run("tail", "--json").out.splitlines()
    first = json.loads(lines[0])
    assert list(first) == ["seq", "at", "event", "incident", "resident", "device", "actor", "data", "prev", "hash"]
    assert (first["seq"], first["at"], first["prev"]) == (1, "2026-11-21T11:30:00.000000Z", "0" * 64)
    assert json.loads(lines[1])["prev"] == first["hash"]
    assert "李强" in lines[1], "UTF-8, not escapes"


def test_tail_for_eyes_has_local_time_names_and_sentences(log: Log) -> None:
    lines = log.run("tail").out.splitlines()
    assert lines == [
        "2026-11-21 19:30:00  261121-7KQ2  王秀英: ALARM: sos (plan standard, code 4821)",
        "2026-11-21 19:30:42  261121-7KQ2  王秀英: 李强 goes (by a key on the phone)",
        "2026-11-21 22:30:00  Ann Smith: bed is SILENT",
    ]


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        (["--incident", "261121-7KQ2"], [1, 2]),
        (["--resident", "smith"], [3]),
        (["--resident", "王秀英"], [1, 2]),
        (["--since", "2026-11-21T19:30:01"], [2, 3]),
        (["--since", "2026-11-21T11:30:01Z"], [2, 3]),
        (["-n", "1"], [3]),
        (["-n", "0"], []),
        (["-n", "1", "--resident", "wang"], [2]),
        (["-n", "99"], [1, 2, 3]),
    ],
)
def test_tail_can_be_narrowed(log: Log, words: list[str], seqs: list[int]) -> None:
    assert [json.loads(line)["seq"] for line in log.run("tail", "--json", *words).out.splitlines()] == seqs


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--incident", "ZZZZ"], 1, "there is no incident 'ZZZZ'"),
        (["--resident", "nobody"], 1, "there is no resident 'nobody'"),
        (["--since", "yesterday"], 2, "neither a time (2026-11-21T19:30) nor an age (2h, 90m, 30d)"),
        (["--since", "99999999999999h"], 2, "neither a time"),
    ],
)
def test_a_mistake_is_a_sentence(log: Log, words: list[str], code: int, sentence: str) -> None:
    outcome = log.run("tail", *words)
    assert (outcome.code, outcome.out) == (code, "")
    assert sentence in outcome.err


def test_an_age_is_counted_from_now(log: Log) -> None:
    assert log.run("tail", "--since", "2h").code == 0
    assert log.run("tail", "--since", "30d").code == 0


def test_without_a_store_it_says_what_makes_one(tmp_path: Path) -> None:
    outcome = alarmd("tail", "-c", write_settings(tmp_path))
    assert outcome.code == 1
    assert "there is no store here; `alarmd run` or `alarmd import` creates it" in outcome.err


def test_a_terminal_is_not_obedient_to_what_a_device_says(log: Log) -> None:
    log.write("incident.noted", actor="x", data={"text": "\x1b[2J\x1b]0;gone\x07 fine\nnext \u202eline"})
    out = log.run("tail", "-n", "1").out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 1
    assert "fine next" in out


def test_it_follows_the_file_without_a_daemon_until_told_to_stop(log: Log) -> None:
    with started("tail", "-c", log.file, "-f", "--json") as process:
        assert process.stdout
        assert process.stderr
        assert [json.loads(process.stdout.readline())["seq"] for _ in range(3)] == [1, 2, 3]
        log.write("device.back", device="bed")
        assert json.loads(process.stdout.readline())["event"] == "device.back"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_a_closed_pipe_is_an_ordinary_end(log: Log) -> None:
    with started("tail", "-c", log.file, "-f") as process:
        assert process.stdout
        assert process.stderr
        assert "ALARM" in process.stdout.readline()
        process.stdout.close()
        log.write("device.back", device="bed")
        log.write("device.silent", device="bed")
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_following_goes_on_in_a_store_that_was_put_in_its_place(log: Log, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Log(tmp_path / "other")
    other.write("watchdog.canary")
    with started("tail", "-c", log.file, "-f", "--json", "-n", "1") as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["seq"] == 3
        log.write("device.back", device="bed")
        assert json.loads(process.stdout.readline())["event"] == "device.back"
        for suffix in ("", "-wal", "-shm"):  # a whole store is moved away, or its -wal would be played into the next
            log.path.with_name(log.path.name + suffix).rename(tmp_path / f"broken{suffix}")
        other.path.rename(log.path)
        assert json.loads(process.stdout.readline())["event"] == "watchdog.canary"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_verify_says_that_the_log_is_whole_and_shows_its_head(log: Log) -> None:
    outcome = log.run("verify")
    head = json.loads(log.run("tail", "--json", "-n", "1").out)
    assert (outcome.code, outcome.out) == (0, f"The log is whole: 3 entries. Head: 3:{head['hash']}\n")


@pytest.mark.parametrize(
    ("statement", "seq", "why"),
    [
        ("UPDATE journal SET data = '{}' WHERE seq = 2", 2, "was changed after it was written"),
        ("UPDATE journal SET at = '2026-11-21T11:00:00.000000Z' WHERE seq = 1", 1, "was changed after it was written"),
        ("UPDATE journal SET actor = 'zhao' WHERE seq = 2", 2, "was changed after it was written"),
        ("DELETE FROM journal WHERE seq = 2", 3, "entry 2 is missing"),
        ("DELETE FROM journal WHERE seq = 1", 2, "entry 1 is missing"),
    ],
)
def test_verify_finds_what_was_changed_or_taken_away(log: Log, statement: str, seq: int, why: str) -> None:
    log.tamper(statement)
    outcome = log.run("verify")
    assert outcome.code == 1
    assert outcome.out.startswith(f"BAD from seq {seq} on: {why}")
    told = json.loads(log.run("verify", "--json").out)
    assert (told["bad_seq"], told["why"]) == (seq, why)


def test_verify_finds_a_cut_off_end_by_a_head_noted_earlier(log: Log) -> None:
    head = log.run("verify").out.rsplit(" ", 1)[1].strip()
    assert log.run("verify", "--known", head).code == 0
    log.tamper("DELETE FROM journal WHERE seq = 3")
    assert log.run("verify").code == 0, "the chain alone cannot know"
    outcome = log.run("verify", "--known", head)
    assert (outcome.code, outcome.out[:19]) == (1, "BAD from seq 3 on: ")
    log.write("watchdog.canary")
    assert "another hash than was noted" in log.run("verify", "--known", head).out
    assert log.run("verify", "--known", "3").code == 2


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    log = Log(tmp_path)
    assert log.run("verify").out == "The log is whole: 0 entries.\n"


def test_verify_reads_a_file_with_torn_pages_as_far_as_it_goes(log: Log) -> None:
    connection = connect(log.path, readonly=False)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    size = log.path.stat().st_size
    with log.path.open("r+b") as file:
        for page in range(4, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)
    outcome = log.run("verify")
    assert outcome.code == 1
    assert "Traceback" not in outcome.err


@pytest.fixture
def many(tmp_path: Path) -> Log:
    log = Log(tmp_path)
    with writing(f"sqlite:///{log.path}") as tx:
        for n in range(2500):
            journal.append(tx, START + timedelta(seconds=n), journal.Entry(event="watchdog.canary"))
    return log


def test_tail_prints_a_long_log_whole_and_its_end_alone(many: Log) -> None:
    assert [json.loads(line)["seq"] for line in many.run("tail", "--json").out.splitlines()] == list(range(1, 2501))
    assert [json.loads(line)["seq"] for line in many.run("tail", "--json", "-n", "3").out.splitlines()] == [
        2498,
        2499,
        2500,
    ]


def test_the_report_of_a_month_is_in_the_services_time_zone(log: Log) -> None:
    told = json.loads(log.run("report", "--month", "2026-11", "--json").out)
    assert (told["incidents"], told["by_kind"]) == (1, {"sos": 1})
    assert told["answered_in_60"] == {"count": 0, "of": 1, "percent": 0.0}, "no operator answered"
    assert told["accepting"] == {"count": 1, "p50": 42.0, "p90": 42.0, "p99": 42.0}
    eyes = log.run("report", "--month", "2026-11").out
    assert "answered by the desk" in eyes
    assert "0.0 % (0 of 1)" in eyes
    assert "median 42.0 s, 90 % in 42.0 s" in eyes
    assert json.loads(log.run("report", "--month", "2026-12", "--json").out)["incidents"] == 0
    for month in ("2026-13", "2026-1", "0000-01", "9999-12", "２０２６-11", "2026-11-01"):
        wrong = log.run("report", "--month", month)
        assert (wrong.code, wrong.out) == (2, ""), month
        assert "write it as 2026-11" in wrong.err


def test_a_month_begins_and_ends_by_clocks_that_are_put_forward_within_it(tmp_path: Path) -> None:
    log = Log(tmp_path, more='[service]\ntimezone = "Europe/London"\n')
    for n, at in enumerate(("02-28T23:59:59", "03-01T00:00:00", "03-31T22:59:59", "03-31T23:00:00")):
        moment = datetime.fromisoformat(f"2026-{at}+00:00")
        log.write("incident.opened", at=moment, incident=str(n), resident="wang", data={"kind": "sos"})
    counts = [
        json.loads(log.run("report", "--month", month, "--json").out)["incidents"]
        for month in ("2026-02", "2026-03", "2026-04")
    ]
    assert counts == [1, 2, 1]


def test_the_report_names_each_centre_and_fits_a_terminal(log: Log) -> None:
    said = alarmd("report", "-c", log.file, "--month", "2026-11", env={"COLUMNS": "80"}).out
    assert "和平里" in said
    assert "TSA" in said
    assert "the link" not in said
    told = json.loads(log.run("report", "--month", "2026-11", "--json").out)
    assert {name: one["incidents"] for name, one in told["centres"].items()} == {"和平里": 1}
    assert told["apart"] == {"tests": 0, "commissioned": 0, "simulated": 0, "technical": 0, "unregistered": 0}


def test_the_store_is_only_read(log: Log) -> None:
    before = sqlite3.connect(log.path).execute("SELECT count(*), max(seq) FROM journal").fetchall()
    for command in ("tail", "verify"):
        log.run(command)
    assert sqlite3.connect(log.path).execute("SELECT count(*), max(seq) FROM journal").fetchall() == before
