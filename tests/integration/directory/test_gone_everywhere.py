"""Who was retired is in no list and in no choice, whoever asks; the log still knows them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alarmd import journal, times
from alarmd.cli.showing import print_incident
from alarmd.clock import SystemClock
from alarmd.directory import lookup, proving, retiring
from alarmd.directory.retiring import What
from alarmd.store import Transaction, path_of, reading, writing
from alarmd.store.plain import connect
from alarmd.store.queries import QUERIES
from alarmd.web import models
from alarmd.web import reading as web
from alarmd.web.desk import StoreDesk
from alarmd.web.errors import ApiError
from escalation.incident import Closed, Status
from tests.support.commands import alarmd, started
from tests.support.core import Core
from tests.support.site import Site
from tests.support.station import Station

WHO = ("--by", "Ma Li", "--reason", "gone")
GONE = ("wang-xiuying", "王秀英", "chen-pendant", "24e124535b316056", "wu-ting", "吴婷", "+8613800138205")
"""A resident, another's only device, and a responder: by every name they have."""

OF_THE_PAST = {
    "residents_of_number": "a retired resident has no telephone",
    "directory_names_of_number": "a retired resident has no telephone",
    "directory_holders_of_number": "a retired resident has no telephone",
    "alarms_of_their_own": "of an open incident, with a telephone or a position that a retired resident has no more",
    "directory_of_one_home": "whose alarm is that of one home with another's: a retired resident has none",
    "devices_of_family": "by family, which a retired device has no more",
    "desk_incidents": "an old incident is shown with the name",
    "desk_incident": "an old incident is shown with the name",
    "desk_resident": "an old incident is shown with the home",
    "name_of_person": "the log is shown with names",
    "name_of_circle": "the log is shown with names",
    "retired_device_at": "says whose it was",
    "device_elsewhere": "by family and address, which a retired device has no more",
    "directory_resident_ever": "whose log is read, also when they are gone",
    "device_for_signal": "by family and address, which a retired device has no more",
    "directory_device_at": "by family and address, which a retired device has no more",
    "supervised_device": "by family and address, which a retired device has no more",
    "devices_followed": "by family and address, which a retired device has no more",
    "signals_unregistered": "by family and address, which a retired device has no more",
    "devices_of_incident": "by family and address, which a retired device has no more",
    "device_by_id": "the device of an incident",
    "sim_resident": "of a device by id",
    "proof_end": "no harm in a retired device",
    "exposures_since": "leaves the retired device's name out, and keeps the time of its home",
}


@pytest.mark.parametrize("table", ["resident", "device"])
def test_every_query_that_lists_them_leaves_the_retired_out_or_says_why_not(table: str) -> None:
    reads = {name for name, sql in QUERIES.items() if re.search(rf"\b(?:FROM|JOIN) {table}\b", sql)}
    marks = {"resident": ("FROM retired", "d.family <> 'retired'"), "device": ("family <> 'retired'",)}[table]
    assert {name for name in reads if not any(mark in QUERIES[name] for mark in marks)} <= set(OF_THE_PAST)
    assert len(reads) > 5


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    assert made.import_example().code == 0
    day = times.to_text(SystemClock().now())
    connection = connect(path_of(made.url), readonly=False)  # an outage of everybody, of one home, and of a SIM card
    connection.executescript(
        f"""INSERT INTO exposure (device, resident, since, noticed_at, until, scope) SELECT id, resident, '{day}', '{day}', NULL, 'home' FROM device;
        INSERT INTO device_setting (device, data) SELECT id, '{{"sim_until":"2026-01-01"}}' FROM device;"""  # noqa: S608, E501 - a time of our own
    )
    connection.close()
    with writing(made.url) as tx:
        now = SystemClock().now()
        facts = {"who": "everybody", "scope": "broker", "from": day}
        journal.append(tx, now, journal.Entry(event="exposure.opened", data=facts))
        for resident in ("wang-xiuying", "chen-guoqiang"):
            devices = ["chen-pendant"] if resident == "chen-guoqiang" else ["wang-bed-button"]
            data = {"scope": "sim", "from": day, "to": day, "devices": devices}
            journal.append(tx, now, journal.Entry(event="exposure.closed", resident=resident, data=data))
            proving.begin(tx, resident, by="Ma", now=now)
    return made


LISTS: tuple[tuple[str, ...], ...] = (
    ("exposure", "--since", "1h"),
    ("exposure", "--since", "1h", "--json"),
    ("exposure", "--since", "1h", "--csv"),
    ("devices",),
    ("devices", "--json"),
    ("coverage",),
    ("coverage", "--json"),
    ("people",),
    ("people", "--json"),
    ("explain", "chen-guoqiang"),
    ("explain", "margaret-liu", "--json"),
)


def test_no_list_of_a_command_names_the_retired(site: Site) -> None:
    before = {words: site.run(*words).out for words in LISTS}
    for name in GONE:
        assert any(name in out for out in before.values()), f"{name} was in no list before"
    for kind, id_ in (("resident", "wang-xiuying"), ("device", "chen-pendant"), ("responder", "wu-ting")):
        assert site.run("retire", kind, id_, *WHO).code == 0
    with writing(site.url) as tx:  # and what is begun for a whole home afterwards
        proving.begin(tx, "chen-guoqiang", by="Ma", now=SystemClock().now())
    for words in LISTS:
        out = site.run(*words).out
        for name in GONE:
            assert name not in out, f"{' '.join(words)} names {name}"
        for device in ("wang-bed-button", "wang-bath-cord"):
            assert device not in out
    asked: tuple[tuple[str, ...], ...] = (
        ("explain", "wang-xiuying"),
        ("devices", "--resident", "wang-xiuying"),
        ("commission", "王秀英"),
    )
    for words in asked:
        assert "there is no resident" in site.run(*words).err
    assert "no trigger is registered" in site.run("commission", "chen-guoqiang").err
    assert "There is no responder" in site.run("people", "wu-ting").err
    assert (
        "wang-xiuying" in site.run("tail", "--resident", "王秀英").out
        or site.run("tail", "--resident", "王秀英").code == 0
    )


def test_a_home_whose_last_device_was_retired_is_not_called_for_an_outage_of_everybody(site: Site) -> None:
    assert "chen-guoqiang" in site.run("exposure", "--since", "1h").out
    site.run("retire", "device", "chen-pendant", *WHO)
    rows = site.run("exposure", "--since", "1h", "--json").out
    assert '"scope": "broker"' in rows
    mine = [line for line in rows.splitlines() if "chen-guoqiang" in line]
    assert mine, "its home was unprotected while the device was silent, and that stays true"
    assert not any('"scope": "broker"' in line for line in mine)


def test_choices_counts_and_loads_know_nothing_of_the_retired(site: Site) -> None:
    for words in (("resident", "wang-xiuying"), ("device", "chen-pendant"), ("responder", "wu-ting")):
        site.run("retire", *words, *WHO)
    with reading(site.url) as tx:
        counts = tx.one("directory_counts")
        assert counts is not None
        assert (counts["residents"], counts["devices"], counts["responders"]) == (2, 1, 7)
        assert [row["n"] for row in tx.all("metrics_devices")] == [1]
        for query, facts in (
            ("supervised_devices", {}),
            ("device_settings", {}),
            ("devices_of_kinds", {"kinds": "pendant;button;cord"}),
            ("devices_in_test", {"now": times.to_text(SystemClock().now())}),
            ("proofs_of", {"resident": "chen-guoqiang"}),
            ("directory_residents_alone", {}),
            ("duty_texts", {}),
        ):
            rows = [str(tuple(row)) for row in tx.all(query, **facts)]
            assert not [
                row for row in rows for name in ("wang", "chen-pendant", "retired", "wu-ting") if name in row
            ], query
        for number in ("+8613800138101", "+8613800138205", ""):
            assert lookup.names_of_number(tx, number) == []
        assert lookup.device(tx, "chen-pendant") is None
        assert lookup.devices_of(tx, "wang-xiuying") == []


async def test_a_retired_resident_is_known_to_the_log_and_an_old_incident_only(tmp_path: Path) -> None:
    async with Station(tmp_path) as station:
        incident = await station.press()
        await station.engine.apply(incident.id, Closed(by="Ma", reason="well"))
        now, zone = station.clock.now(), station.settings.zone
        await station.store.write(
            lambda tx: retiring.retire(tx, retiring.prepare(tx, What.RESIDENT, "wang"), by="Ma", reason="x", now=now)
        )
        desk = StoreDesk(store=station.store, engine=station.engine, settings=station.settings)
        with pytest.raises(ApiError, match="There is no resident 'wang'"):
            await desk.resident("wang", numbers=True)
        shown = await station.store.read(
            lambda tx: web.detail(tx, incident.id, now=now, settings=station.settings, numbers=False)
        )
        assert shown is not None
        assert shown.home is not None
        assert (shown.resident_name, shown.home.name, zone is not None) == ("王秀英", "王秀英", True)


async def test_who_and_what_was_retired_since_is_shown_so_in_an_old_incident(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Station(tmp_path) as station:
        incident = await station.press()
        await station.engine.apply(incident.id, Closed(by="Ma", reason="well"))
        now = station.clock.now()

        def shown(tx: Transaction) -> models.IncidentDetail | None:
            return web.detail(tx, incident.id, now=now, settings=station.settings, numbers=True)

        def listed(tx: Transaction) -> models.IncidentView:
            (one,) = web.incidents(tx, include_closed=True, resident=None, limit=9, now=now)
            return one

        async def retire(what: What, id_: str) -> None:
            def leave(tx: Transaction) -> retiring.Done:
                return retiring.retire(tx, retiring.prepare(tx, what, id_), by="Ma", reason="x", now=now)

            await station.store.write(leave)

        async def told() -> str:
            found = await station.store.read(shown)
            assert found is not None
            print_incident(station.settings, found.model_dump(mode="json"))
            return capsys.readouterr().out

        assert "RETIRED" not in await told()
        await retire(What.RESPONDER, "li")
        await retire(What.DEVICE, incident.device)
        text = await told()
        assert "李强 (li), neighbour, RETIRED" in text, text
        assert f"{incident.device}, RETIRED" in text
        assert "王秀英, RETIRED" not in text
        await retire(What.RESIDENT, "wang")
        assert "王秀英, RETIRED" in await told()
        assert (await station.store.read(listed)).resident_retired


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


LI = "+8613800000001"


@pytest.mark.parametrize("words", ["1 {code}", "我去", "3 {code}", "她没有呼吸了，快叫救护车"])
async def test_who_is_retired_out_of_an_open_case_stops_no_alarm(core: Core, words: str) -> None:
    incident = await core.press()
    await core.send()
    await retire_li(core)
    await core.switchboard.text(LI, words.format(code=incident.code), "SM1")
    (now,) = await core.incidents()
    assert now.status is Status.NOTIFYING
    assert now.participants == incident.participants
    assert not [message for message in await core.send() if message.to == LI]


async def test_a_key_on_a_call_that_was_placed_before_is_a_strangers(core: Core) -> None:
    await core.press()
    await core.send()
    (call,) = [row for row in await core.outgoing() if row["person"] == "li" and row["channel"] == "voice"]
    await retire_li(core)
    await core.switchboard.answered(call["attempt"], "CA1", "human")
    await core.switchboard.key(call["attempt"], "CA1", "1")
    assert (await core.incidents())[0].status is Status.NOTIFYING


async def test_what_waits_to_be_sent_to_the_retired_is_withdrawn(core: Core) -> None:
    await core.press()
    await retire_li(core)
    assert LI not in {message.to for message in await core.send()}


async def retire_li(core: Core) -> None:
    now = core.clock.now()
    await core.store.write(
        lambda tx: retiring.retire(
            tx, retiring.prepare(tx, What.RESPONDER, "li"), by="Ma", reason="x", now=now, anyway=True
        )
    )


def test_who_reads_only_the_beginning_of_a_list_sees_no_traceback(site: Site) -> None:
    """`alarmd exposure … | head`: the reader goes, and the store is closed before the rows are let go of."""
    rows = "".join(f"r{n:04},{'很长的名字' * 20} {n}\n" for n in range(1500))
    assert site.run("import", site.file("residents.csv", f"id,name\n{rows}")).code == 0
    for words in (("exposure", "--since", "1h"), ("exposure", "--since", "1h", "--csv"), ("people",), ("coverage",)):
        process = started(words[0], "-c", site.settings, *words[1:])
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        process.stderr.close()
        process.wait(60)


def test_kinds_and_people_are_named_as_lists_name_them(site: Site) -> None:
    chinese = {"LANG": "zh_CN.UTF-8", "COLUMNS": "120", "NO_COLOR": "1"}
    told = alarmd("retire", "-c", site.settings, "--language", "zh", "居民", "王秀英", *WHO, env=chinese)
    assert told.code == 0, told.err
    assert "居民 wang-xiuying（王秀英）" in told.out or "居民 wang-xiuying" in told.out
    assert "设备 wang-bed-button" in told.out
    assert "device" not in told.out
    assert site.run("retire", "residents", "王秀英", "--back", *WHO).code == 0
    twice = site.file("residents.csv", "id,name\nwang-2,王秀英\n")
    site.run("import", twice)
    assert "could be wang-2, wang-xiuying: give the id" in site.run("retire", "resident", "王秀英", *WHO).err
    assert "is none of: resident" in site.run("retire", "somebody", "x", *WHO).err


def test_a_month_keeps_the_figures_of_those_who_left(site: Site) -> None:
    month = f"{SystemClock().now().astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m}"  # as the service counts
    with writing(site.url) as tx:
        now = SystemClock().now()
        data = {"code": "1", "kind": "sos", "type": "sos", "status": "opened"}
        opened = journal.Entry(event="incident.opened", incident="i1", resident="wang-xiuying", device="b", data=data)
        journal.append(tx, now, opened)
    before = site.run("report", "--month", month, "--json").out
    assert "曹杨新村街道居家养老服务中心" in before
    site.run("retire", "resident", "wang-xiuying", *WHO)
    site.run("retire", "circle", "caoyang-2-p1", "--anyway", *WHO)
    assert site.run("report", "--month", month, "--json").out == before
