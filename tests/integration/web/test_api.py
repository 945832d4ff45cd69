from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.support.station import READ_TOKEN, Station

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


async def test_an_operator_sees_the_press_and_what_comes_next(station: Station, operator: httpx.AsyncClient) -> None:
    incident = await station.press()
    (seen,) = (await operator.get("/api/v1/incidents")).json()
    assert (seen["id"], seen["status"], seen["kind"]) == (incident.id, "notifying", "sos")
    assert seen["resident_name"] == "王秀英"
    assert seen["opened_at"] == "2026-11-21T11:30:00Z"
    assert seen["next"] == {"at": "2026-11-21T11:31:00Z", "what": "step 2 of 4 begins: the resident's contacts"}


async def test_what_is_read_from_the_store_is_said_in_the_readers_language_too(
    station: Station, operator: httpx.AsyncClient
) -> None:
    incident = await station.press()
    chinese = {"Accept-Language": "zh-CN"}
    (seen,) = (await operator.get("/api/v1/incidents", headers=chinese)).json()
    assert seen["next"]["what"] == "第 2 步（共 4 步）开始：居民的联系人"
    told = (await operator.get(f"/api/v1/incidents/{incident.id}", headers=chinese)).json()
    assert [line.split()[0] for line in told["home"]["not_protected"]] == ["没有收到测试的有"]
    assert told["log"][-1]["event"] == "incident.step", "the log keeps its words"


async def test_one_incident_is_told_with_home_people_and_log(station: Station, operator: httpx.AsyncClient) -> None:
    incident = await station.press()
    seen = (await operator.get(f"/api/v1/incidents/{incident.id}")).json()
    assert seen["home"]["access"] == "钥匙在传达室"
    assert seen["home"]["birth_date"] == "1941-03-08"
    assert seen["home"]["contacts"][0]["name"] == "赵敏"
    assert [(p["id"], p["standing"], p["step"]) for p in seen["participants"]] == [
        ("li", "asked", 1),
        ("zhao", "asked", 1),
    ]
    assert [entry["event"] for entry in seen["log"]] == ["incident.opened", "incident.step"]


async def test_an_incident_may_be_named_by_its_end_or_its_beginning(
    station: Station, operator: httpx.AsyncClient
) -> None:
    first = await station.press()
    second = await station.press("smith")
    assert (await operator.get(f"/api/v1/incidents/{first.id[-4:].lower()}")).json()["id"] == first.id
    unclear = await operator.get(f"/api/v1/incidents/{first.id[:6]}")
    assert unclear.status_code == 409
    assert unclear.json()["error"]["code"] == "ambiguous"
    assert second.id in unclear.json()["error"]["message"]
    unknown = await operator.get("/api/v1/incidents/%25")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_incident")


async def test_the_neighbour_says_on_the_phone_that_he_goes_comes_and_is_there(
    station: Station, operator: httpx.AsyncClient
) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    accepted = (await operator.post(f"{where}/accept", json={"by": "desk Ma", "for": "李强"})).json()
    assert (accepted["status"], accepted["coming"]) == ("accepted", ["李强"])
    again = await operator.post(f"{where}/accept", json={"by": "desk Ma", "for": "li"})
    assert again.status_code == 409
    assert again.json()["error"]["message"].startswith("李强 has taken")
    assert (await operator.post(f"{where}/coming", json={"by": "desk Ma"})).json()["status"] == "coming"
    arrived = (await operator.post(f"{where}/arrived", json={"by": "desk Ma"})).json()
    assert arrived["status"] == "arrived"
    by = [(entry["event"], entry["actor"], entry["data"].get("by")) for entry in arrived["log"][-3:]]
    assert by == [(f"incident.{what}", "li", "desk Ma") for what in ("accepted", "coming", "arrived")]


async def test_the_operator_takes_it_and_the_hold_has_an_end(station: Station, operator: httpx.AsyncClient) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    taken = (await operator.post(f"{where}/accept", json={"by": "Ma Li"})).json()
    assert (taken["status"], taken["coming"]) == ("accepted", ["Ma Li"])
    assert taken["next"]["at"] == "2026-11-21T11:45:00Z", "holds expire"


async def test_who_was_never_asked_can_come_too(station: Station, operator: httpx.AsyncClient) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    coming = (await operator.post(f"{where}/coming", json={"by": "Ma Li", "for": "chen2"})).json()
    assert (coming["status"], coming["coming"]) == ("coming", ["陈伟"])


async def test_a_name_that_two_people_have_needs_an_id(station: Station, operator: httpx.AsyncClient) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    unclear = await operator.post(f"{where}/accept", json={"by": "Ma Li", "for": "陈伟"})
    assert (unclear.status_code, unclear.json()["error"]["message"]) == (
        409,
        "'陈伟' could be chen1, chen2: give the id.",
    )
    unknown = await operator.post(f"{where}/accept", json={"by": "Ma Li", "for": "nobody"})
    assert unknown.status_code == 404
    assert "li (李强)" in unknown.json()["error"]["message"]


async def test_arrived_needs_to_know_who_when_nobody_accepted(station: Station, operator: httpx.AsyncClient) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    answer = await operator.post(f"{where}/arrived", json={"by": "Ma Li"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "who")


async def test_it_closes_only_with_a_person_and_a_reason_and_only_once(
    station: Station, operator: httpx.AsyncClient
) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    for body in ({"by": "Ma Li"}, {"reason": "tea"}, {"by": " ", "reason": "tea"}, {"by": "Ma Li", "reason": ""}):
        refused = await operator.post(f"{where}/close", json=body)
        assert refused.status_code == 422
        assert refused.json()["error"]["code"] == "unreadable"
    closed = (await operator.post(f"{where}/close", json={"by": "Ma Li", "reason": "made her tea"})).json()
    assert (closed["status"], closed["closed_by"], closed["close_reason"]) == ("closed", "Ma Li", "made her tea")
    assert closed["next"] is None
    twice = await operator.post(f"{where}/close", json={"by": "Ma Li", "reason": "again"})
    assert twice.status_code == 409
    assert "was closed by Ma Li: made her tea" in twice.json()["error"]["message"]
    noted = (await operator.post(f"{where}/note", json={"by": "Ma Li", "text": "the cup was cold"})).json()
    assert noted["log"][-1]["data"]["text"] == "the cup was cold", "what comes after the close is still on record"
    assert (await operator.get("/api/v1/incidents")).json() == []
    assert len((await operator.get("/api/v1/incidents", params={"all": True})).json()) == 1


async def test_the_ambulance_takes_it_by_word_to_the_operator(station: Station, operator: httpx.AsyncClient) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    refused = (
        await operator.post(f"{where}/handoff", json={"by": "Ma Li", "accepted": False, "reason": "no car"})
    ).json()
    unsaid = await operator.post(f"{where}/handoff", json={"by": "Ma Li", "accepted": False})
    assert (unsaid.status_code, "a refusal needs its reason" in unsaid.text) == (422, True)
    assert refused["handoff"] == "rejected"
    taken = (await operator.post(f"{where}/handoff", json={"by": "Ma Li"})).json()
    assert (taken["status"], taken["handoff"], taken["coming"]) == ("accepted", "accepted", ["the ambulance"])
    there = (await operator.post(f"{where}/arrived", json={"by": "Ma Li", "for": "ambulance"})).json()
    assert there["status"] == "arrived"


async def test_a_field_that_is_misspelt_is_not_passed_over(station: Station, operator: httpx.AsyncClient) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    answer = await operator.post(f"{where}/accept", json={"by": "Ma Li", "fro": "li"})
    assert answer.status_code == 422
    assert "fro" in answer.json()["error"]["message"]


async def test_a_resident_is_shown_with_devices_and_contacts(station: Station, operator: httpx.AsyncClient) -> None:
    seen = (await operator.get("/api/v1/residents/wang")).json()
    assert seen["categories"] == ["living_alone", "very_old"]
    assert seen["devices"][0] == {
        "id": "bed", "family": "zigbee2mqtt", "address": "bed_button", "kind": "button", "room": "卧室",
        "report_every": 86400, "last_seen": None, "battery": None,
    }  # fmt: skip
    assert seen["contacts"][0]["has_key"] is True
    assert seen["not_protected"] == ["no test has arrived from bed (button, 卧室)"]
    missing = await operator.get("/api/v1/residents/nobody")
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "There is no resident 'nobody'.")


@pytest.mark.parametrize("path", ["/api/v1/incidents", "/api/v1/incidents/x", "/api/v1/log", "/api/v1/residents/wang"])
async def test_nobody_reads_without_a_token(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "token_needed"


async def test_who_may_read_may_not_close(station: Station, stranger: httpx.AsyncClient) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    headers = {"Authorization": f"Bearer {READ_TOKEN}", "Accept-Language": "en"}
    assert (await stranger.get(where, headers=headers)).status_code == 200
    refused = await stranger.post(f"{where}/close", json={"by": "x", "reason": "y"}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error"]["message"] == "The token of 'wall' has the role read; this needs the role operator."
    assert (await stranger.get(where, headers=headers)).json()["status"] == "notifying"


async def test_every_error_has_the_same_shape_with_a_sentence(stranger: httpx.AsyncClient) -> None:
    for answer in (await stranger.get("/nowhere"), await stranger.post("/healthz")):
        assert answer.status_code in {404, 405}
        assert set(answer.json()) == {"error"}
        assert answer.json()["error"]["message"].endswith((".", "。"))


async def test_the_page_tells_every_address_and_no_other(stranger: httpx.AsyncClient) -> None:
    paths = (await stranger.get("/api/v1/openapi.json")).json()["paths"]
    served = {(method.upper(), path) for path, methods in paths.items() for method in methods} | {("GET", "/")}
    told = set(re.findall(r"^\| (GET|POST) \| `([^`]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert told - {("POST", "/phone/twilio/…")} == served


async def test_nobody_fills_the_memory(station: Station, stranger: httpx.AsyncClient) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}/note"
    answer = await stranger.post(where, content=b" " * 100_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


async def test_openapi_tells_every_address_and_how_to_get_in(stranger: httpx.AsyncClient) -> None:
    told = (await stranger.get("/api/v1/openapi.json")).json()
    acts = {"accept", "coming", "arrived", "note", "close", "handoff"}
    assert {f"/api/v1/incidents/{{id}}/{act}" for act in acts} <= set(told["paths"])
    assert {"/api/v1/incidents", "/api/v1/log", "/api/v1/residents/{id}", "/healthz", "/readyz"} <= set(told["paths"])
    assert "for" in told["components"]["schemas"]["Acceptance"]["properties"]
    assert told["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert (await stranger.get("/docs")).status_code == 404, "its page would load scripts from elsewhere"


async def test_what_is_said_from_within_the_store_is_said_in_the_readers_language(operator: httpx.AsyncClient) -> None:
    """It was English for everybody: the store's threads did not know who had asked."""
    for path in ("/api/v1/incidents/nosuch", "/api/v1/residents/nosuch"):
        there = await operator.get(path, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
        assert there.json()["error"]["message"].startswith("没有")


@pytest.mark.parametrize(("what", "more"), [("accept", {}), ("note", {"text": "x"}), ("close", {"reason": "well"})])
@pytest.mark.parametrize(
    "by",
    [
        *("line", "desk:0", "operator:Ma", "resident:wang", "system", "alarmd", "token:wall", "uid:0 root"),
        *("ＡＬＡＲＭＤ", "sys\u200btem", "token：wall", "To Ken:wall", "l\u2060ine"),
    ],
)
async def test_nobody_acts_under_a_name_of_alarmds_own(
    station: Station, operator: httpx.AsyncClient, what: str, more: dict[str, str], by: str
) -> None:
    where = f"/api/v1/incidents/{(await station.press()).id}"
    refused = await operator.post(f"{where}/{what}", json={"by": by, **more})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "reserved_name")
    assert "say who you are" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "nothing", ["\u200b", " \u2060\u202e ", "\u3164", "\u2800\ufe0f", "\U000e0041", "\u00ad", "\u0301"]
)
@pytest.mark.parametrize("where", ["by", "text"])
async def test_what_shows_nothing_is_nobodys_name_and_no_note(
    station: Station, operator: httpx.AsyncClient, where: str, nothing: str
) -> None:
    note = f"/api/v1/incidents/{(await station.press()).id}/note"
    refused = await operator.post(note, json={"by": "Mei", "text": "well"} | {where: nothing})
    assert (refused.status_code, refused.json()["error"]["message"]) == (422, f"{where}: shows nothing")


async def test_a_name_is_kept_as_it_is_seen(station: Station, operator: httpx.AsyncClient) -> None:
    note = f"/api/v1/incidents/{(await station.press()).id}/note"
    assert (await operator.post(note, json={"by": "M\u200bei\u202e", "text": "well"})).status_code == 200
    (noted,) = [one for one in await station.store.read(station.entries) if one.event == "incident.noted"]
    assert noted.actor == "Mei"


async def test_a_reader_sees_no_telephone_of_who_can_be_rung(
    station: Station, operator: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    incident = await station.press()
    for path in (f"/api/v1/incidents/{incident.id}", "/api/v1/residents/wang"):
        numbers = [p for p in ("+8613800000001", "+8613800000002") if p in (await operator.get(path)).text]
        assert numbers
        seen = await stranger.get(path, headers={"Authorization": f"Bearer {READ_TOKEN}"})
        assert seen.status_code == 200
        assert not [one for one in numbers if one in seen.text], path
