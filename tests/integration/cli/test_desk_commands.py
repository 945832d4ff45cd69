from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.cli.daemon_api import base
from alarmd.clock import SystemClock
from alarmd.web.tokens import operator_token
from config.settings import load
from tests.support.commands import Outcome, alarmd
from tests.support.station import READ_TOKEN, Station, write_settings


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    async with Station(tmp_path, clock=SystemClock()) as running:
        yield running


async def _run(station: Station, command: str, *words: str, env: dict[str, str] | None = None) -> Outcome:
    return await asyncio.to_thread(alarmd, command, "-c", station.file, *words, env=env)


async def test_the_list_shows_who_waits_and_what_comes_next(station: Station) -> None:
    assert (await _run(station, "incidents")).out == "No open incident.\n"
    incident = await station.press()
    listed = (await _run(station, "incidents")).out
    assert incident.id in listed
    assert "王秀英" in listed
    assert "nobody yet" in listed
    assert "step 2 of 4 begins: the resident's contacts" in listed
    (told,) = json.loads((await _run(station, "incidents", "--json")).out)
    assert (told["id"], told["status"]) == (incident.id, "notifying")


async def test_an_incident_is_told_with_seconds_since_the_press(station: Station) -> None:
    incident = await station.press()
    await _run(station, "accept", incident.id, "--by", "Ma Li", "--for", "李强")
    shown = (await _run(station, "show", incident.id[-4:])).out
    assert shown.startswith(f"{incident.id}  王秀英  accepted\n")
    assert re.search(r"access: +钥匙在传达室", shown)
    assert re.search(r"\d\d:\d\d:\d\d +\+0:\d\d  ALARM: sos \(plan standard, code \d{4}\)", shown)
    assert re.search(r"\+0:\d\d  李强 goes \(so Ma Li was told\)", shown)
    assert re.search(r"Next, \d\d:\d\d:\d\d \(in 4:\d\d\): 李强 ought to have arrived, else the next are asked", shown)
    assert json.loads((await _run(station, "show", incident.id, "--json")).out)["id"] == incident.id


async def test_the_whole_story_can_be_told_by_hand(station: Station) -> None:
    incident = (await station.press()).id
    for words, status in (
        (["accept", incident, "--who", "Ma Li", "--for", "li"], "accepted"),
        (["coming", incident, "--by", "Ma Li"], "coming"),
        (["handed-over", incident, "--by", "Ma Li", "--refused", "--why", "no car free"], "coming"),
        (["handed-over", incident, "--by", "Ma Li"], "coming"),
        (["arrived", incident, "--by", "Ma Li", "--for", "li"], "arrived"),
        (["note", incident, "she is well", "--by", "Ma Li"], "arrived"),
        (["close", incident, "--who", "Ma Li", "--why", "a fall, unhurt"], "closed"),
    ):
        outcome = await _run(station, *words)
        assert outcome.code == 0, outcome.err
        assert outcome.out.startswith(f"{incident} is {status}")
    shown = (await _run(station, "show", incident)).out
    assert "note by Ma Li: she is well" in shown
    assert "by Ma Li: a fall, unhurt" in shown
    assert "a fall, unhurt" in (await _run(station, "incidents", "--all")).out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["accept", "7KQ2"], "say who you are: --by NAME"),
        (["note", "7KQ2", "text"], "say who you are: --by NAME"),
        (["close", "7KQ2", "--by", "Ma"], "closing needs a reason: --reason WHY"),
        (["close", "7KQ2", "--reason", "tea"], "say who you are: --by NAME"),
        (["close", "7KQ2", "--by", " ", "--reason", "tea"], "say who you are: --by NAME"),
        (["handed-over", "7KQ2", "--by", "Ma", "--refused"], "a refusal needs its reason"),
    ],
)
def test_who_and_why_are_needed(tmp_path: Path, words: list[str], sentence: str) -> None:
    outcome = alarmd(*words, "-c", write_settings(tmp_path))
    assert (outcome.code, outcome.out) == (2, "")
    assert sentence in outcome.err


async def test_an_unknown_incident_is_a_sentence(station: Station) -> None:
    await station.press()
    for words in (["show", "ZZZZ"], ["accept", "ZZZZ", "--by", "Ma"], ["show", "../healthz"], ["show", "a?b"]):
        outcome = await _run(station, *words)
        assert (outcome.code, outcome.out) == (1, "")
        assert "here is no incident" in outcome.err


async def test_an_unknown_responder_is_a_sentence_with_those_who_were_asked(station: Station) -> None:
    incident = await station.press()
    outcome = await _run(station, "accept", incident.id, "--by", "Ma", "--for", "nobody")
    assert outcome.code == 1
    assert "There is no responder 'nobody'. Asked so far: li (李强), zhao (赵敏)." in outcome.err


@pytest.mark.parametrize("characters", [2001, 100_000])
async def test_a_note_that_is_too_long_is_a_sentence(station: Station, characters: int) -> None:
    incident = await station.press()
    outcome = await _run(station, "note", incident.id, "x" * characters, "--by", "Ma")
    assert outcome.code == 1
    assert "2000 characters" in outcome.err


async def test_a_closed_incident_is_not_closed_twice(station: Station) -> None:
    incident = await station.press()
    await _run(station, "close", incident.id, "--by", "Ma", "--reason", "tea")
    outcome = await _run(station, "close", incident.id, "--by", "Ma", "--reason", "tea")
    assert outcome.code == 1
    assert "was closed by Ma: tea" in outcome.err


async def test_without_a_running_daemon_it_says_so(station: Station) -> None:
    await station.server.stop()
    outcome = await _run(station, "incidents")
    assert (outcome.code, outcome.out) == (1, "")
    assert f"alarmd does not answer at {station.url}: start it with `alarmd run`" in outcome.err


def test_before_the_first_run_it_says_so_and_leaves_no_token(tmp_path: Path) -> None:
    outcome = alarmd("incidents", "-c", write_settings(tmp_path, listen="127.0.0.1:9"))
    assert outcome.code == 1
    assert "alarmd has not run yet with this store" in outcome.err
    assert not list(tmp_path.glob("*token*"))


async def test_another_daemons_token_is_a_sentence(station: Station) -> None:
    outcome = await _run(station, "incidents", env={"ALARMD_TOKEN": "not-the-right-token"})
    assert outcome.code == 1
    assert "does not know the token in ALARMD_TOKEN" in outcome.err


async def test_a_token_may_come_from_the_environment(tmp_path: Path) -> None:
    more = f'[[web.tokens]]\nname = "wall"\nrole = "read"\ntoken = "{READ_TOKEN}"'
    async with Station(tmp_path, more=more) as station:
        incident = await station.press()
        wall = {"ALARMD_TOKEN": READ_TOKEN}
        assert incident.id in (await _run(station, "incidents", env=wall)).out
        refused = await _run(station, "note", incident.id, "text", "--by", "Ma", env=wall)
        assert refused.code == 1
        assert "has the role read" in refused.err
        assert (
            incident.id
            in (await _run(station, "incidents", env={"ALARMD_TOKEN": operator_token(station.settings)})).out
        )


async def test_what_is_not_alarmd_is_named(tmp_path: Path) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(other, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    file = write_settings(tmp_path, listen=f"127.0.0.1:{port}")
    async with server:
        outcome = await asyncio.to_thread(alarmd, "incidents", "-c", file, env={"ALARMD_TOKEN": READ_TOKEN})
    assert outcome.code == 1
    assert f"what answers at http://127.0.0.1:{port} is not alarmd" in outcome.err


@pytest.mark.parametrize(
    ("listen", "reached"),
    [
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("[::]:8080", "http://[::1]:8080"),
        ("10.1.2.3:81", "http://10.1.2.3:81"),
        (":8080", "http://127.0.0.1:8080"),
    ],
)
def test_where_it_listens_everywhere_this_machine_asks_itself(tmp_path: Path, listen: str, reached: str) -> None:
    assert base(load(write_settings(tmp_path, listen=listen), {})) == reached
