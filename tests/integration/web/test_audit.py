"""Who did it, and on whose word, are two facts; and who looks at somebody's record is on record, too."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from alarmd.journal import LogEntry
from alarmd.store import StoreError
from alarmd.web.reads import SINGLY, TOGETHER, USERS, WINDOW, Reads
from tests.support.station import READ_TOKEN, Station

COMMAND = "Alarmd-Local-User"


async def reads(station: Station) -> list[LogEntry]:
    await station.app.state.reads._write(everything=True)
    return [entry for entry in await station.store.read(station.entries) if entry.event == "record.read"]


ACTS: list[tuple[str, dict[str, Any], str]] = [
    ("accept", {"for": "li"}, "incident.accepted"),
    ("coming", {"for": "li"}, "incident.coming"),
    ("arrived", {"for": "li"}, "incident.arrived"),
    ("note", {"text": "she is well"}, "incident.noted"),
    ("close", {"reason": "well"}, "incident.closed"),
]


@pytest.mark.parametrize(("what", "body", "event"), ACTS)
async def test_an_entry_says_by_whose_login_and_on_whose_word(
    station: Station, operator: httpx.AsyncClient, what: str, body: dict[str, Any], event: str
) -> None:
    incident = await station.press()
    headers = {"Alarmd-Local-User": "uid:1000 ma\x1b[2J"}
    answer = await operator.post(
        f"/api/v1/incidents/{incident.id}/{what}", json={"by": "the mayor"} | body, headers=headers
    )
    assert answer.status_code == 200, answer.text
    (entry,) = [one for one in await station.store.read(station.entries) if one.event == event]
    assert entry.data["login"] == "token:this machine, uid:1000 ma[2J"
    assert "the mayor" in str(entry)
    opened = (await station.store.read(station.entries))[0]
    assert "login" not in opened.data, "nobody's login pressed the button"


async def test_a_users_word_in_a_look_is_no_reason_for_another_entry(
    station: Station, operator: httpx.AsyncClient
) -> None:
    for n in range(40):
        answer = await operator.get("/api/v1/residents/smith", headers={COMMAND: f"uid:{n} somebody"})
        assert answer.status_code == 200
    found = await reads(station)
    assert len(found) <= 2, "the first look, and the others"
    assert sum(one.data["times"] for one in found) == 40


async def test_an_entry_names_the_users_whose_commands_looked_and_not_without_end(station: Station) -> None:
    looks = Reads(station.store, station.clock, soon=60)
    for n in range(40):
        looks.note("token:this machine", "resident", "wang", user=f"uid:{n} somebody")
    looks.note("token:this machine", "resident", "smith", user="uid:1000 ma")
    await looks.close()
    mas, many = [one for one in await station.store.read(station.entries) if one.event == "record.read"]
    assert (many.data["times"], many.data["login"]) == (40, "token:this machine")
    assert many.data["users"] == [*(f"uid:{n} somebody" for n in range(USERS)), "…"]
    assert (mas.resident, mas.data["login"]) == ("smith", "token:this machine, uid:1000 ma")
    assert "users" not in mas.data


async def test_who_holds_a_token_of_the_settings_cannot_say_who_ran_a_command(
    station: Station, stranger: httpx.AsyncClient
) -> None:
    headers = {"Authorization": f"Bearer {READ_TOKEN}"}
    for n in range(5):
        answer = await stranger.get("/api/v1/residents/smith", headers=headers | {COMMAND: f"uid:{n} root"})
        assert answer.status_code == 200
    found = await reads(station)
    assert {one.data["login"] for one in found} == {"token:wall"}
    assert sum(one.data["times"] for one in found) == 5
    assert "root" not in str(found)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_what_came_through_a_proxy_was_no_command_of_this_machine(
    station: Station, operator: httpx.AsyncClient, name: str
) -> None:
    await operator.get("/api/v1/residents/smith", headers={COMMAND: "uid:0 root", name: "203.0.113.5"})
    (entry,) = await reads(station)
    assert entry.data["login"] == "token:this machine"


async def test_a_name_that_somebody_made_up_does_not_get_into_the_log(
    station: Station, operator: httpx.AsyncClient
) -> None:
    for n in range(5):
        await operator.get("/api/v1/log", params={"resident": f"Mrs Nobody {n} was here", "limit": 1})
    found = await reads(station)
    assert {(one.resident, one.data["what"]) for one in found} == {(None, "log")}
    assert sum(one.data["times"] for one in found) == 5
    assert "Nobody" not in str(found)


async def test_who_looks_at_a_record_is_on_record(station: Station, operator: httpx.AsyncClient) -> None:
    incident = await station.press()
    for _ in range(5):
        await operator.get(f"/api/v1/incidents/{incident.id}")
        await operator.get("/api/v1/residents/smith")
    await operator.get("/api/v1/log", params={"resident": "wang"})
    await operator.get("/api/v1/residents/nobody")
    found = await reads(station)
    assert [(one.resident, one.data["what"], one.data["times"]) for one in found] == [
        ("wang", "incident", 5),
        ("wang", "log", 1),
        ("smith", "resident", 5),
    ]
    assert {one.data["login"] for one in found} == {"token:this machine"}


@pytest.mark.parametrize(("what", "body"), [(what, body) for what, body, _ in ACTS] + [("handoff", {})])
async def test_who_does_something_is_shown_the_record_and_that_is_on_record(
    station: Station, operator: httpx.AsyncClient, what: str, body: dict[str, Any]
) -> None:
    incident = await station.press()
    answer = await operator.post(f"/api/v1/incidents/{incident.id}/{what}", json={"by": "Mei"} | body)
    assert answer.status_code in {200, 409}, answer.text
    (entry,) = await reads(station)
    assert (entry.resident, entry.data["what"]) == ("wang", "incident")


@pytest.mark.parametrize("what", ["accept", "coming", "arrived"])
async def test_a_refusal_that_tells_who_was_asked_is_on_record(
    station: Station, operator: httpx.AsyncClient, what: str
) -> None:
    incident = await station.press()
    refused = await operator.post(f"/api/v1/incidents/{incident.id}/{what}", json={"by": "Mei", "for": "nobody"})
    assert refused.status_code == 404
    assert "Asked so far" in refused.json()["error"]["message"]
    (entry,) = await reads(station)
    assert (entry.resident, entry.data["what"]) == ("wang", "incident")


async def test_a_list_and_an_incidents_log_are_on_record_with_whose_they_are(
    station: Station, operator: httpx.AsyncClient
) -> None:
    incident = await station.press()
    for _ in range(3):
        assert len((await operator.get("/api/v1/incidents")).json()) == 1
    await operator.get("/api/v1/log", params={"incident": incident.id})
    await operator.get("/api/v1/log", params={"incident": "Mrs Nobody was here"})
    found = await reads(station)
    assert {(one.resident, one.data["what"], one.data["times"]) for one in found} == {
        ("wang", "incidents", 3),
        ("wang", "log", 1),
        (None, "log", 1),
    }
    assert "Nobody" not in str(found)


async def test_an_incident_of_nobody_known_is_named_by_itself(station: Station) -> None:
    looks = Reads(station.store, station.clock, soon=60)
    for n in range(SINGLY + 5):
        looks.note("token:wall", "incidents", None, incident=f"inc-{n:02}")
    looks.note("token:wall", "incident", None, incident="inc-07")
    looks.note("token:wall", "incident", "wang", incident="inc-08")
    await looks.close()
    found = [one for one in await station.store.read(station.entries) if one.event == "record.read"]
    assert [(one.resident, one.data["what"], one.data.get("incidents")) for one in found] == [
        (None, "incident", ["inc-07"]),
        ("wang", "incident", None),
        (None, "incidents", [f"inc-{n:02}" for n in range(SINGLY + 5)]),
    ]


async def test_the_first_look_is_written_at_once_and_the_others_together(station: Station) -> None:
    looks = Reads(station.store, station.clock, soon=0.01)

    async def written() -> list[tuple[int, str]]:
        await looks._write()
        entries = await station.store.read(station.entries)
        return [(e.data["times"], e.data["from"]) for e in entries if e.event == "record.read"]

    looks.note("token:wall", "resident", "wang")
    first = await written()
    assert [number for number, _ in first] == [1]
    for _ in range(100):
        station.clock.pass_(5)
        looks.note("token:wall", "resident", "wang")
    assert await written() == first
    station.clock.pass_(WINDOW.total_seconds())
    assert [number for number, _ in await written()] == [1, 100]
    station.clock.pass_(WINDOW.total_seconds())
    await written()
    assert looks._looks == {}
    await looks.close()


async def test_who_looks_at_a_whole_town_fills_no_log_and_is_named_all_the_same(station: Station) -> None:
    looks = Reads(station.store, station.clock, soon=60)
    town = [f"r{i:05}" for i in range(TOGETHER * 2 + 7)]
    for one in town:
        looks.note("token:wall", "resident", one)
    await looks.close()
    entries = [e for e in await station.store.read(station.entries) if e.event == "record.read"]
    assert len(entries) == 3 < SINGLY
    assert [one for entry in entries for one in entry.data["residents"]] == town


async def test_what_was_looked_at_last_is_written_at_the_stop(station: Station, operator: httpx.AsyncClient) -> None:
    await operator.get("/api/v1/residents/wang")
    await station.server.stop()
    entries = await station.store.read(station.entries)
    assert [(e.event, e.resident) for e in entries] == [("record.read", "wang")]


async def test_looks_that_cannot_be_written_are_not_forgotten(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Reads(station.store, station.clock, soon=60)
    looks.note("token:wall", "resident", "wang")
    submit = station.store.submit

    def full(*_: Any, **__: Any) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        future.set_exception(StoreError("disk full"))
        return future

    monkeypatch.setattr(station.store, "submit", full)
    await looks._write()
    monkeypatch.setattr(station.store, "submit", submit)
    station.clock.pass_(timedelta(hours=1).total_seconds())
    await looks.close()
    assert [e.event for e in await station.store.read(station.entries)] == ["record.read"]
