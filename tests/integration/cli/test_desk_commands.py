from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alarmd import languages, times
from alarmd.cli.daemon_api import base
from alarmd.clock import SystemClock
from alarmd.engine import Opening
from alarmd.store import Transaction, path_of
from alarmd.store.sqlite import connect
from alarmd.watch.present import DownProvider, Present
from alarmd.watch.troubles import Troubles
from alarmd.web.tokens import operator_token
from config.settings import load
from escalation.incident import Pressed
from escalation.texts.watching import Silence
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
    assert "nobody has taken it" in listed
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
    assert outcome.code == 1
    assert f"alarmd does not answer at {station.url}: start it with `alarmd run`" in outcome.err
    assert "alarmd does not run: nobody is rung by it" in outcome.out
    assert outcome.out.endswith("No open incident.\n")


async def test_without_a_running_daemon_the_desk_still_sees_whom_to_ring(station: Station) -> None:
    incident = await station.press()
    await station.server.stop()
    listed = await _run(station, "incidents")
    assert incident.id in listed.out
    shown = await _run(station, "show", incident.id[-4:])
    assert (listed.code, shown.code) == (1, 1)
    assert "李强 (li), neighbour, +8613800000001" in shown.out
    assert "+861064211111" in shown.out, "the resident's own"
    nobody = await _run(station, "show", "ZZZZ")
    assert (nobody.code, nobody.out) == (1, "")
    assert "There is no incident 'ZZZZ'." in nobody.err


async def test_it_shows_the_telephones_of_those_who_were_asked_and_of_those_who_could_be(tmp_path: Path) -> None:
    more = f"""[service]
desk_phones = ["+8613900000009"]
[[web.tokens]]
name = "wall"
role = "read"
token = "{READ_TOKEN}"
"""
    async with Station(tmp_path, more=more) as station:
        station.file = write_settings(tmp_path, listen=f"127.0.0.1:{station.server.port}", more=more)
        incident = await station.press()
        shown = (await _run(station, "show", incident.id)).out
        assert "李强 (li), neighbour, +8613800000001" in shown
        assert "Not asked yet, to be rung by hand:" in shown
        assert re.search(r"  \+861064210000  .*\(circle:lane\)", shown)
        assert "The desk's telephones: +8613900000009" in shown
        wall = json.loads((await _run(station, "show", incident.id, "--json", env={"ALARMD_TOKEN": READ_TOKEN})).out)
        assert {one["phone"] for one in wall["participants"]} == {None}
        assert (wall["reachable"], wall["desk_phones"]) == ([], [])


async def test_it_lists_who_can_be_rung_while_the_daemon_is_down(station: Station) -> None:
    await station.server.stop()
    listed = (await _run(station, "people")).out
    assert "+8613800000001  李强 (li), neighbour\n" in listed
    assert (await _run(station, "people", "nurse")).out == "+8613800000002  赵敏 (zhao), nurse\n"
    (found,) = json.loads((await _run(station, "people", "li", "--json")).out)
    assert found["phone"] == "+8613800000001"
    assert (await _run(station, "people", "--csv")).out.startswith("id,name,role,phone,language,on_call\n")
    for words, number in (("护士", "+8613800000002"), ("李", "+8613800000001"), ("138 0000 0003", "+8613800000003")):
        assert number in (await _run(station, "people", words)).out, words
    assert (await _run(station, "people", "强")).code == 1  # the beginning of a name, not its end
    nobody = await _run(station, "people", "nobody")
    assert (nobody.code, "There is no responder 'nobody'." in nobody.err) == (1, True)


async def waiting(station: Station, incident: str, *, tries: int, state: str = "queued") -> None:
    now = times.to_text(station.clock.now() - timedelta(seconds=30))

    def work(tx: Transaction) -> None:
        for n, channel in enumerate(("sms", "sms", "voice")):
            tx._connection.execute(
                "INSERT INTO outbox (attempt, incident, person, channel, purpose, lane, destination, state, tries,"
                " due_at, provider, queued_at, changed_at)"
                " VALUES (?, ?, 'li', ?, 'ask', 1, '+8613800000001', ?, ?, ?, ?, ?, ?)",
                (f"attempt-of-core-{n}", incident, channel, state, tries, now, "twilio" if tries else "", now, now),
            )

    await station.store.write(work)


async def test_it_says_that_texts_and_calls_do_not_get_out(station: Station) -> None:
    incident = await station.press()
    await waiting(station, incident.id, tries=2)
    for words in (["incidents"], ["show", incident.id]):
        shown = (await _run(station, *words)).out
        assert re.search(
            r"NOT GETTING OUT: 2 texts, 1 call, waiting since [\d:]+; twilio takes nothing. Ring by hand.", shown
        ), shown
    assert "text: waits since" in shown
    assert "call: waits since" in shown


async def test_it_tells_what_really_became_of_a_call(station: Station) -> None:
    incident = await station.press()
    await waiting(station, incident.id, tries=1)
    await station.store.write(
        lambda tx: tx._connection.execute("UPDATE outbox SET state = 'sent', due_at = NULL, status = 'unanswered'")
    )
    await station.store.write(
        lambda tx: tx._connection.execute("UPDATE outbox SET state = 'failed', code = '30006' WHERE channel = 'sms'")
    )
    shown = (await _run(station, "show", incident.id)).out
    assert "NOT GETTING OUT" not in shown
    assert re.search(r"text: DID NOT ARRIVE [\d:]+ \(30006\)", shown)
    assert re.search(r"call: NOT ANSWERED [\d:]+", shown)


async def test_it_says_at_the_top_what_does_not_work(tmp_path: Path) -> None:
    async with Station(tmp_path, clock=SystemClock()) as station:
        troubles = Troubles(
            store=station.store,
            engine=station.engine,
            clock=station.clock,
            ids=station.ids,
            texts=languages.texts("en"),
            desk_phones=(),
            figures=station.metrics.watch,
        )
        down = DownProvider(name="twilio", since=station.clock.now(), reason="cannot be reached")

        async def full() -> str | None:
            return "cannot write: the disk is full"

        station.app.state.present = Present(troubles=troubles, providers=lambda: [down], parts={"store": full})
        troubles.begin(Silence.BROKER, "", since=station.clock.now())
        shown = (await _run(station, "incidents")).out.splitlines()
        assert re.fullmatch(
            r"!! no connection to the MQTT broker: presses do not get through \(since [\d:]+\)", shown[0]
        )
        assert shown[1] == "!! cannot write: the disk is full"
        assert shown[2].startswith("!! the phone provider twilio does not work: cannot be reached (since ")
        assert shown[-1] == "No open incident."
        incident = await station.press()
        assert (await _run(station, "show", incident.id)).out.startswith("!! no connection to the MQTT broker")
        assert json.loads((await _run(station, "incidents", "--json")).out)[0]["id"] == incident.id


async def test_an_alarm_that_waited_in_the_broker_shows_when_it_was_pressed(station: Station) -> None:
    pressed_at = station.clock.now() - timedelta(hours=2)
    pressed = Pressed(signal=1, device="bed", type="sos", pressed_at=pressed_at)
    opening = Opening(subject="wang", resident="wang", plan_name="", device="bed", kind="sos", pressed=pressed)
    incident = await station.store.write(lambda tx: station.engine.press(tx, opening, station.clock.now()))
    for words in (["incidents"], ["show", incident.id]):
        shown = (await _run(station, *words)).out
        assert re.search(r"LATE: pressed .+, received .+, 2:00:0\d later", shown), shown


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


# ---------------------------------------------------------------- a couple's one alarm, and the last resort

COUPLE = (
    "INSERT INTO resident (id, name, phone, address, conditions)"
    " VALUES ('lao-wang', '王建国', '+861064211111', '和平里三区5号楼402', '糖尿病');"
    "INSERT INTO responder (id, name, phone, role, travel) VALUES ('niece', '吴琳', '+8613800000066', 'family', 'car');"
    "INSERT INTO contact VALUES ('lao-wang', 'niece', 1, 'niece', 0)"
)
ON_HIS_FLOOR = (
    "INSERT INTO resident (id, name, phone, address) VALUES ('old-chen', '陈奶奶', '+8613800000001', '9号');"
    "UPDATE circle SET phone = ''"
)


async def _changed(station: Station, sql: str) -> None:
    def work() -> None:
        connection = connect(path_of(station.settings.store.url), readonly=False)
        connection.executescript(sql)
        connection.close()

    await asyncio.to_thread(work)


async def _cry_of_two(station: Station) -> str:
    pressed = Pressed(signal=1, device="", type="sos", also=("lao-wang",))
    opening = Opening(subject="wang", resident="wang", plan_name="", device="", kind="sos", pressed=pressed)
    incident = await station.store.write(lambda tx: station.engine.press(tx, opening, station.clock.now()))
    return incident.id


@pytest.mark.parametrize(
    ("language", "either"),
    [("en", "or, on the same telephone, 王建国 (lao-wang):"), ("zh", "也可能是同一电话的王建国 (lao-wang)：")],
)
async def test_a_couples_one_alarm_is_shown_in_both_names_with_both_their_facts(
    station: Station, language: str, either: str
) -> None:
    await _changed(station, COUPLE)
    incident = await _cry_of_two(station)
    shown = (await _run(station, "show", incident, "--language", language)).out
    assert shown.startswith(f"{incident}  王秀英 / 王建国  ")
    assert either in shown
    assert "心脏病" in shown.partition(either)[0]
    assert "糖尿病" in shown.partition(either)[2]
    assert "吴琳 (niece)" in shown, "whom he named can be rung by hand"
    for of in ((), ("--resident", "lao-wang")):
        listed = json.loads((await _run(station, "incidents", "--json", *of)).out)
        assert [(one["resident_name"], one["also"]) for one in listed] == [("王秀英 / 王建国", ["lao-wang"])]


@pytest.mark.parametrize(("language", "why"), [("en", "nobody else is left"), ("zh", "再无其他人可询问")])
async def test_whom_only_the_last_resort_rings_is_shown_with_why(station: Station, language: str, why: str) -> None:
    await _changed(station, ON_HIS_FLOOR)
    for resident in ("old-chen", "wang"):
        incident = await station.press(resident)
    shown = (await _run(station, "show", incident.id, "--language", language)).out
    (line,) = [line for line in shown.splitlines() if "李强 (li)" in line and "+8613800000001" in line]
    assert why in line
