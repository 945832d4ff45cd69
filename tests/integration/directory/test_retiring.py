"""Who is retired is never asked, listed or supervised again, stays in the log, and may come back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from alarmd import journal, local_user
from alarmd.directory import coverage, lookup, retiring
from alarmd.directory.retiring import What
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from alarmd.phone.provider import Accepted, Outcome, Outgoing, Rejected, Remedy, Unknown
from alarmd.store import Transaction, reading
from config.settings import load
from escalation.incident import Closed
from tests.support.core import Core
from tests.support.site import Site

WHO = ("--by", "Chen Min", "--reason", "moved away")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    assert made.import_example().code == 0
    return made


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


def test_a_retired_responder_is_chosen_by_nobody_and_the_log_says_who_retired_them(site: Site) -> None:
    assert "li-guihua" in site.run("explain", "wang-xiuying").out
    result = site.run("retire", "responder", "li-guihua", *WHO)
    assert (result.code, result.err) == (0, "")
    assert result.out == "responder li-guihua (李桂花) is retired.\nWith it: contact wang-xiuying/li-guihua\n"
    assert "li-guihua" not in site.run("explain", "wang-xiuying").out
    with reading(site.url) as tx:
        assert lookup.responder(tx, "li-guihua") is None
        assert not tx.all("responders_of_number", phone="+8613800138201")  # what comes from there is a stranger's
        last = [entry for entry in journal.read(tx) if entry.event == "directory.changed"][-1]
    assert last.actor == "Chen Min"
    assert last.data == {
        "retired": "responder",
        "id": "li-guihua",
        "reason": "moved away",
        "along": ["contact wang-xiuying/li-guihua"],
        "login": local_user.login(),  # on whose word, and by whose login, are two facts
    }
    again = site.run("retire", "responder", "li-guihua", *WHO)
    assert again.code == 1
    assert "was retired already" in again.err
    listed = site.run("retire", "--list").out
    assert "responder li-guihua 李桂花: Chen Min: moved away" in listed


def test_a_retired_resident_takes_devices_and_contacts_along(site: Site) -> None:
    result = site.run("retire", "resident", "wang-xiuying", *WHO)
    assert result.code == 0
    assert "device wang-bed-button" in result.out
    for command in (("devices",), ("coverage",), ("exposure",)):
        assert "wang" not in site.run(*command).out
    assert "there is no resident 'wang-xiuying'" in site.run("explain", "wang-xiuying").err
    with reading(site.url) as tx:
        assert lookup.resident(tx, "wang-xiuying") is None
        assert lookup.device_at(tx, "zigbee2mqtt", "bed_button") is None
        assert lookup.contacts_of(tx, "wang-xiuying") == []
        assert not tx.all("residents_of_number", phone="+8613800138101")
        assert not [row for row in tx.each("supervised_devices") if row["resident"] == "wang-xiuying"]
        assert not [row for row in tx.each("device_settings") if row["address"] == "bed_button"]
        found = coverage.coverage(tx, settings=load(site.settings, {}), at=next(iter(journal.read(tx))).at)
        assert found.residents == 2
        assert tx.one("name_of_person", id="wang-xiuying") is not None  # an old incident is still shown with the name


def test_a_retired_address_and_number_are_free_for_another(site: Site) -> None:
    site.run("retire", "device", "wang-bed-button", *WHO)
    file = site.file(
        "devices.csv", "id,family,address,resident,kind\nnew-button,zigbee2mqtt,bed_button,chen-guoqiang,button\n"
    )
    assert site.run("import", file).code == 0
    back = site.run("retire", "device", "wang-bed-button", "--back", *WHO)
    assert back.code == 1
    assert "its address belongs to device 'new-button' now" in back.err


def test_a_file_that_still_names_the_retired_leaves_them_out_and_says_so(site: Site) -> None:
    site.run("retire", "responder", "li-guihua", *WHO)
    result = site.import_example()
    assert result.code == 0
    assert "responder 'li-guihua' was retired on" in result.err
    assert "by Chen Min (moved away) and is left out; --bring-back takes them in" in result.err
    with reading(site.url) as tx:
        assert lookup.responder(tx, "li-guihua") is None


def test_they_come_back_as_they_were_when_it_is_said(site: Site) -> None:
    with reading(site.url) as tx:
        before = lookup.residents(tx), lookup.devices(tx), lookup.contacts(tx), lookup.responders(tx)
    site.run("retire", "resident", "wang-xiuying", *WHO)
    site.run("retire", "responder", "li-guihua", *WHO)
    assert (
        "contact wang-xiuying/li-guihua cannot come back"
        in site.run("retire", "resident", "wang-xiuying", "--back", *WHO).err
    )
    assert site.run("retire", "responder", "li-guihua", "--back", *WHO).code == 0
    with reading(site.url) as tx:
        assert lookup.residents(tx) == before[0]
        assert lookup.devices(tx) == before[1]
        assert lookup.responders(tx) == before[3]


def test_a_file_brings_them_back_when_it_is_said(site: Site) -> None:
    site.run("retire", "resident", "wang-xiuying", *WHO)
    file = site.file("residents.csv", "id,name\nwang-xiuying,王秀英\n")
    assert "left out" in site.run("import", file).err
    result = site.run("import", "--bring-back", file)
    assert result.code == 0, result.err
    with reading(site.url) as tx:
        wang = lookup.resident(tx, "wang-xiuying")
        assert wang is not None
        assert wang.phone == "+8613800138101"  # a column that the file leaves out keeps what was there
        assert lookup.device_at(tx, "zigbee2mqtt", "bed_button") is not None


def test_a_new_device_for_a_retired_resident_is_refused(site: Site) -> None:
    site.run("retire", "resident", "wang-xiuying", *WHO)
    file = site.file("devices.csv", "id,family,address,resident,kind\nx,zigbee2mqtt,x,wang-xiuying,button\n")
    result = site.run("import", file)
    assert "line 2, resident: resident 'wang-xiuying' is retired" in result.err


def test_a_circle_with_members_is_retired_only_when_it_is_said(site: Site) -> None:
    refused = site.run("retire", "circle", "caoyang-2-p1", *WHO)
    assert refused.code == 1
    assert "has members (wang-xiuying" in refused.err
    assert site.run("retire", "circle", "caoyang-2-p1", "--anyway", *WHO).code == 0
    with reading(site.url) as tx:
        assert lookup.circle(tx, "caoyang-2-p1") is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say what to retire"),
        (("responder", "li-guihua"), "say who you are"),
        (("responder", "li-guihua", "--by", "Chen"), "say why"),
        (("responder", "gone", *WHO), "there is no responder 'gone'"),
        (("device", "gone", *WHO), "there is no device 'gone'"),
        (("resident", "gone", "--back", *WHO), "there is no retired resident 'gone'"),
    ],
)
def test_it_says_what_is_missing(site: Site, words: tuple[str, ...], said: str) -> None:
    assert said in site.run("retire", *words).err


def test_it_lists_who_is_in_the_store_and_not_in_the_file(site: Site) -> None:
    file = site.file("residents.csv", "id,name\nwang-xiuying,王秀英\n")
    out = site.run("import", "--dry-run", "--missing", file).out
    assert "in the store and not in the file: chen-guoqiang, " in out


async def test_nobody_is_retired_out_of_an_open_incident_without_saying_so(core: Core) -> None:
    incident = await core.press()
    person = incident.participants[0].who.id
    now = core.clock.now()

    def refuse(tx: Transaction) -> list[str]:
        said = []
        for what, id_ in ((What.RESIDENT, "wang"), (What.DEVICE, incident.device), (What.RESPONDER, person)):
            with pytest.raises(retiring.RetiringError) as caught:
                retiring.retire(tx, retiring.prepare(tx, what, id_), by="Chen", reason="x", now=now)
            said.append(str(caught.value))
        return said

    said = await core.store.submit(refuse)
    assert all(incident.id in one for one in said)
    assert "whoever accepted is still to arrive" in said[2]
    await core.store.submit(
        lambda tx: retiring.retire(
            tx, retiring.prepare(tx, What.RESPONDER, person), by="Chen", reason="x", now=now, anyway=True
        )
    )
    await core.engine.apply(incident.id, Closed(by="Zhang", reason="well"))
    await core.store.submit(
        lambda tx: retiring.retire(tx, retiring.prepare(tx, What.RESIDENT, "wang"), by="Chen", reason="x", now=now)
    )


async def test_a_retired_button_is_still_an_alarm_for_the_desk_and_says_whose_it_was(core: Core) -> None:
    incident = await core.press()
    await core.engine.apply(incident.id, Closed(by="Zhang", reason="well"))
    now = core.clock.now()
    await core.store.submit(
        lambda tx: retiring.retire(tx, retiring.prepare(tx, What.RESIDENT, "wang"), by="Chen", reason="x", now=now)
    )
    core.clock.pass_(3600)
    await core.receive("zigbee2mqtt/bed_button", '{"action":"single"}')
    again = (await core.incidents())[-1]
    assert again.id != incident.id
    assert again.resident is None
    opened = (await core.log("incident.opened"))[-1]
    assert opened.data["text"].startswith("王秀英（wang）家已停用的设备bed; 设备系列zigbee2mqtt; ")
    desk = [message.body for message in await core.send() if message.to == "+8613900000009"]
    assert any("王秀英家已停用的设备" in text and "和平里三区5号楼402" in text for text in desk), desk


# ---------------------------------------------------------------- neither rung nor texted


def out_of_order(_: Outgoing) -> Outcome:
    return Rejected(code="20500", reason="out of order", remedy=Remedy.BACK_OFF)


def unanswered(_: Outgoing) -> Outcome:
    return Unknown(reason="no answer")


def takes(message: Outgoing) -> Outcome:
    return Accepted(sid=f"S{message.attempt}")


async def retired(core: Core, who: str, what: What = What.RESPONDER) -> None:
    """As `alarmd retire … --anyway` does it, whatever they take part in."""

    def retire(tx: Transaction) -> None:
        leaving = retiring.prepare(tx, what, who)
        retiring.retire(tx, leaving, by="Chen Min", reason="moved away", now=core.clock.now(), anyway=True)

    await core.store.write(retire)


async def sent_to(core: Core, number: str, *, minutes: int = 8) -> list[str]:
    """What a telephone still gets while the provider works again, and time passes."""
    core.provider.answer, before = takes, len(core.provider.sent)
    for _ in range(minutes * 2):
        await core.passes(31)
        await core.send()
    return [f"{one.channel}: {one.body}" for one in core.provider.sent[before:] if one.to == number]


LI, MEI = "+8613800000001", "+8613800000077"


@pytest.mark.parametrize(
    ("answer", "found"), [(unanswered, out_of_order), (unanswered, unanswered), (out_of_order, out_of_order)]
)
async def test_whose_send_nobody_answered_or_that_waits_to_be_tried_again(
    core: Core, answer: Callable[[Outgoing], Outcome], found: Callable[[Outgoing], Outcome]
) -> None:
    core.provider.answer, core.provider.found = answer, found
    await core.press()
    await core.send()
    assert [row for row in await core.outgoing() if row["person"] == "li" and row["due_at"]]
    await retired(core, "li")
    assert await sent_to(core, LI) == []
    assert all(row["due_at"] is None for row in await core.outgoing() if row["person"] == "li")


async def test_nor_after_a_refusal_that_comes_by_callback(core: Core) -> None:
    await core.press()
    await core.send()
    rows = [row for row in await core.outgoing() if row["person"] == "li"]
    await retired(core, "li")
    for row in rows:
        update = StatusUpdate(
            attempt=row["attempt"], sid=row["sid"], status=SendStatus.FAILED, raw="failed", code="30003"
        )
        await core.switchboard.status(update)
    assert await sent_to(core, LI) == []


async def test_nor_who_was_being_sent_to_when_alarmd_stopped(core: Core) -> None:
    core.provider.answer = core.provider.found = unanswered
    await core.press()
    await core.send()
    await retired(core, "li")
    await core.restart()
    assert await sent_to(core, LI) == []


async def test_what_a_closed_incident_still_says_does_not_reach_them(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text("+8613800000002", f"1 {incident.code}", "SM1")
    await core.send()
    core.provider.answer = out_of_order
    await core.engine.apply(incident.id, Closed(by="Chen Min", reason="well"))
    assert [row for row in await core.outgoing() if row["person"] == "li" and row["state"] == "queued"]
    await retired(core, "li")
    assert await sent_to(core, LI) == []


async def test_what_the_desk_reads_of_no_incident_does_not_reach_who_left_the_desk(core: Core) -> None:
    await core.run_sql(
        "INSERT INTO responder (id, name, language, phone, role, travel, on_call, circle) "
        "VALUES ('mei', 'Mei', 'en', '+8613800000077', 'desk', 'walk', '', '')"
    )
    core.provider.answer = out_of_order
    await core.switchboard.text("+861064211111", "the weather is fine", "SM1")
    await core.send()
    assert [row for row in await core.outgoing() if row["person"] == "mei" and row["state"] == "queued"]
    await retired(core, "mei")
    assert await sent_to(core, MEI) == []
    assert [row["state"] for row in await core.outgoing() if row["person"] == "mei"] == ["withdrawn"]


async def test_who_comes_back_is_asked_as_ever(core: Core) -> None:
    await retired(core, "li")

    def back(tx: Transaction) -> None:
        retiring.bring_back(tx, What.RESPONDER, "li", by="Chen Min", reason="an error", now=core.clock.now())

    await core.store.write(back)
    await core.press()
    assert any(one.to == LI for one in await core.send())
