"""Who is on duty, worked out beforehand: hostile calendars end in a sentence, and a press only looks up."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from alarmd.directory import lookup, rotas
from alarmd.directory.duty_keeper import DutyKeeper
from alarmd.directory.unfolding import Unfolder
from alarmd.store import Transaction
from config.settings import Settings, load
from tests.support.core import Core
from tests.support.site import Site
from tests.unit.escalation.test_shift_calendar import NIGHT, calendar

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
WHOLE_DAY = ",".join(map(str, range(60)))
HOSTILE = {
    "interval": calendar("DTSTART:20261101T200000|RRULE:FREQ=WEEKLY;INTERVAL=0;BYDAY=MO,TU"),
    "hourly": calendar("DTSTART:16010101T200000|DTEND:16010101T210000|RRULE:FREQ=HOURLY"),
    "never": calendar("DTSTART:20260101T200000|RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
    "second": calendar(f"{NIGHT}RRULE:FREQ=DAILY;BYMINUTE={WHOLE_DAY};BYSECOND={WHOLE_DAY}"),
    "crowd": calendar(*[f"{NIGHT}RRULE:FREQ=DAILY"] * 2500),
    "year9999": calendar("DTSTART:99991231T235959|DTEND:99991231T235959|RRULE:FREQ=DAILY"),
    "nested": "BEGIN:VCALENDAR\r\n" * 50_000,
    "fold": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:2026\r\n " + "1\r\n " * 400_000,
    "events": "BEGIN:VCALENDAR\r\n" + "BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 11_000 + "END:VCALENDAR\r\n",
    "text": "hello",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "alarmd.toml"
    file.write_text(f'[mqtt]\nlisten = "127.0.0.1:0"\n[store]\nurl = "sqlite:///{tmp_path}/a.db"\n', encoding="utf-8")
    return load(file, {})


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as core:
        yield core


@pytest.fixture
def unfolder(settings: Settings) -> Iterator[Unfolder]:
    with Unfolder(settings, cpu_s=1.0) as unfolder:
        yield unfolder


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_it_ends_with_each_hostile_calendar_and_counts_its_people_on_duty(
    unfolder: Unfolder, settings: Settings, name: str
) -> None:
    (settings.folder / "bad.ics").write_text(HOSTILE[name], encoding="utf-8")
    (settings.folder / "good.ics").write_text(calendar(f"{NIGHT}RRULE:FREQ=DAILY"), encoding="utf-8")
    found = unfolder.rota("ics:bad.ics", NOW)
    assert not found.readable
    assert found.remarks
    assert found.duty(NOW).on
    assert unfolder.rota("ics:good.ics", NOW).readable  # the next one is not the worse for it


def test_it_takes_no_file_that_is_none_or_too_large(unfolder: Unfolder, settings: Settings) -> None:
    folder = settings.folder
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "link").symlink_to("/dev/zero")
    (folder / "proc").symlink_to("/proc/self/environ")
    (folder / "huge").write_bytes(b"BEGIN:VCALENDAR\r\n" * 400_000)
    words = {
        "/dev/zero": "no ordinary file",
        "pipe": "no ordinary file",
        "folder": "no ordinary file",
        "link": "no ordinary file",
        "proc": "is empty",
        "huge": "larger than",
        "missing": "cannot be read",
        "a\0b": "cannot be read",
    }
    for file, word in words.items():
        found = unfolder.rota(f"ics:{file}", NOW)
        assert not found.readable
        assert [word in one.sentence and one.refused for one in found.remarks] == [True], file


def test_it_gives_up_when_a_commands_patience_is_at_its_end(settings: Settings) -> None:
    with Unfolder(settings, budget_s=0.0) as unfolder:
        assert not unfolder.rota("Mo-Fr 08:00-18:00", NOW).readable


def test_an_import_names_file_and_event_and_keeps_who_is_on_duty(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.file("night.ics", calendar("DTSTART:20261201T200000|DTEND:20261201T080000"))
    site.file("never.ics", HOSTILE["interval"])
    head = "id,name,phone,role,on_call\n"
    good = site.file(
        "responders.csv",
        f"{head}a,A,13800138201,neighbour,ics:night.ics\nb,B,13800138202,neighbour,周一至周五 8:00-18:00\n",
    )
    found = site.run("import", good)
    assert found.code == 0, found.err
    assert (
        "ics:night.ics: 夜班 (2026-12-01 20:00): ends before it begins; taken to end at 2026-12-02 08:00" in found.err
    )
    assert "周一至周五 8:00-18:00 = Mo-Fr 08:00-18:00" in found.err
    refused = site.run("import", site.file("more-responders.csv", f"{head}c,C,13800138203,neighbour,ics:never.ics\n"))
    assert refused.code == 1
    assert "line 2, on_call: ics:never.ics: 夜班 (2026-11-01 20:00): INTERVAL=0" in refused.err


async def put(core: Core, on_call: str) -> None:
    def change(tx: Transaction) -> None:
        li = lookup.responder(tx, "li")
        assert li is not None
        row = msgspec.structs.asdict(li) | {"on_call": on_call, "skills": ""}
        tx.run("directory_put_responder", **row)

    await core.store.write(change)


async def is_on(core: Core, on_call: str, at: datetime) -> tuple[bool, bool]:
    duty = await core.store.read(lambda tx: rotas.Stored(tx, core.settings)(on_call, at))
    return duty.on, duty.readable


async def test_a_press_looks_up_what_was_worked_out_and_rings_whom_nobody_could_tell_of(core: Core) -> None:
    await put(core, "ics:never.ics")
    (core.settings.folder / "never.ics").write_text(HOSTILE["never"], encoding="utf-8")
    await core.press()  # nothing is worked out yet, and nothing is worked out now
    assert "li" in {row["person"] for row in await core.outgoing()}


async def test_it_works_out_anew_when_a_calendar_is_changed_and_says_what_cannot_be(core: Core) -> None:
    file = core.settings.folder / "li.ics"
    file.write_text(calendar(f"{NIGHT}RRULE:FREQ=DAILY"), encoding="utf-8")
    await put(core, "ics:li.ics")
    keeper = DutyKeeper(store=core.store, clock=core.clock, settings=core.settings)
    now = core.clock.now()
    night = now.replace(hour=13) + timedelta(days=7)  # 21:00 in Shanghai
    assert await is_on(core, "ics:li.ics", night) == (True, False)
    assert await keeper.refresh() == 1
    assert await keeper.refresh() == 0
    assert await is_on(core, "ics:li.ics", night) == (True, True)
    assert await is_on(core, "ics:li.ics", night.replace(hour=4)) == (False, True)
    assert await is_on(core, "ics:li.ics", night + timedelta(days=400)) == (True, False)  # beyond what is known

    file.write_text(HOSTILE["interval"] + " ", encoding="utf-8")
    assert await keeper.refresh() == 1
    assert await is_on(core, "ics:li.ics", night.replace(hour=4)) == (True, False)
    (entry,) = await core.log("shift.unreadable")
    assert entry.data["responder"] == "li"
    assert "INTERVAL=0" in entry.data["why"][0]

    core.clock.pass_(2 * 86_400)
    assert await keeper.refresh() == 1  # each day
    assert len(await core.log("shift.unreadable")) == 1  # said once

    await put(core, "")
    await keeper.refresh()
    assert await core.store.read(rotas.known) == {}


def test_explain_and_coverage_work_out_what_nobody_has_worked_out_yet_and_say_what_is_odd(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.file("night.ics", calendar(f"{NIGHT}RRULE:FREQ=DAILY"))
    people = site.file(
        "responders.csv",
        "id,name,phone,role,lat,lon,on_call\n"
        "a,A,13800138201,neighbour,31.2446,121.4087,Mo-Su 20:00-08:00; PH off\n"
        "b,B,13800138202,neighbour,31.2446,121.4087,ics:night.ics\n",
    )
    homes = site.file("residents.csv", "id,name,lat,lon\nwang,王秀英,31.2446,121.4088\n")
    assert site.run("import", people, homes).code == 0
    night = site.run("explain", "wang", "--at", "2031-10-01T02:00")  # years from now, for this question only
    assert night.code == 0, night.err
    assert "A (a): a shift that began goes to its end" in night.out
    assert "off duty" not in night.out
    day = site.run("explain", "wang", "--at", "2031-10-01T12:00")
    assert "not: A (off duty" in day.out
    assert "B (off duty" in day.out
    assert "2 responders on duty" in site.run("coverage", "--at", "2031-10-01T02:00").out
    assert "0 responders on duty" in site.run("coverage", "--at", "2031-10-01T12:00").out
    site.file("night.ics", HOSTILE["interval"])
    doubtful = site.run("explain", "wang", "--at", "2026-12-01T12:00")
    assert "B (b): on_call cannot be read; counted as on duty" in doubtful.out
    assert "B (b): ics:night.ics: 夜班 (2026-11-01 20:00): INTERVAL=0" in doubtful.out
