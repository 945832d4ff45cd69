"""SIM cards that nobody pays for any more: known before, one incident for each day, and who was without one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from alarmd.supervision import Supervision
from escalation.incident import Closed, Incident
from tests.support.commands import alarmd
from tests.support.core import Core
from tests.support.stopped_clock import StoppedClock

DEVICES = """
INSERT INTO device VALUES ('band', 'traccar', '350000002108909', 'wang', 'watch', '', NULL);
INSERT INTO device VALUES ('pendant', 'traccar', '350000002108910', 'smith', 'pendant', '', NULL);
INSERT INTO device VALUES ('gw', 'ava4_gateway', 'DC:DA:0C:5A:80:64', 'wang', 'gateway', '', NULL)
"""


class Paying(Core):
    """Two homes with cellular devices, whose SIM cards somebody pays for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.clock = StoppedClock(datetime.now(UTC))  # the commands read the machine's

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(self.settings.zone).date()

    def command(self, *words: str) -> str:
        return alarmd(words[0], "-c", self.folder / "alarmd.toml", *words[1:]).out

    async def sets(self, **until: date | str) -> None:
        """Import devices.toml, as the one who pays does."""
        book = self.folder / "devices.toml"
        book.write_text("".join(f"[device.{name}]\nsim_until = {day}\n" for name, day in until.items()), "utf-8")
        assert "changed" in self.command("import", str(book))
        await self.supervision.load()
        await self.supervision.look()

    async def days_pass(self, days: int) -> None:
        """Hour by hour; everybody is heard all the time."""
        for _ in range(days * 24):
            self.clock.pass_(3600)
            await self.receive("ESP32_BLE_GW_TX", '{"mac":"DC:DA:0C:5A:80:64","type":"HB_Msg","data":{"msg":"Online"}}')
            for name in ("350000002108909", "350000002108910"):
                await self.receive("traccar/positions", json.dumps({"position": {}, "device": {"uniqueId": name}}))
            await self.supervision.look()

    async def about_sims(self) -> list[Incident]:
        return [incident for incident in await self.incidents() if incident.kind.startswith("sim_")]


@pytest.fixture
async def paying(tmp_path: Path) -> AsyncIterator[Paying]:
    async with Paying(tmp_path) as made:
        await made.run_sql(DEVICES)
        yield made


async def test_two_weeks_before_the_end_the_desk_has_one_incident_for_all_cards_of_that_day(paying: Paying) -> None:
    until = paying.today + timedelta(days=16)
    await paying.sets(band=until, pendant=until)
    await paying.days_pass(1)
    assert await paying.about_sims() == []
    await paying.days_pass(2)
    (incident,) = await paying.about_sims()
    assert (incident.subject, incident.resident, incident.plan.name) == (f"sim:{until}", None, "technical")
    (sent,) = await paying.send()
    assert sent.to == "+8613900000009"
    assert f"多台报警设备的SIM卡{until}到期" in sent.body.replace(" ", "")
    (fault,) = await paying.log("device.fault")
    assert (fault.data["type"], fault.data["owner"], fault.data["devices"]) == (
        "sim_ending",
        "desk",
        ["band", "pendant"],
    )


async def test_it_is_told_once_also_after_a_restart_and_after_it_was_closed(paying: Paying) -> None:
    await paying.sets(band=paying.today + timedelta(days=10))
    (incident,) = await paying.about_sims()
    assert incident.resident == "wang"
    await paying.engine.apply(incident.id, Closed(by="Ma", reason="ordered"))
    await paying.restart()
    await paying.days_pass(2)
    assert len(await paying.about_sims()) == 1


async def test_whose_card_was_not_renewed_is_not_protected_and_told_again(paying: Paying) -> None:
    until = paying.today + timedelta(days=1)
    await paying.sets(band=until)
    (ending,) = await paying.about_sims()
    await paying.engine.apply(ending.id, Closed(by="Ma", reason="ordered"))
    await paying.days_pass(3)
    (_, ended) = await paying.about_sims()
    assert (ended.kind, ended.resident) == ("sim_ended", "wang")
    (opened,) = await paying.log("exposure.opened")
    midnight = datetime.combine(until + timedelta(days=1), time(), paying.settings.zone)
    assert datetime.fromisoformat(opened.data["from"]) == midnight
    assert opened.incident == ended.id


async def test_an_incident_that_is_still_open_is_the_same_after_the_end(paying: Paying) -> None:
    await paying.sets(band=paying.today + timedelta(days=1))
    await paying.days_pass(3)
    (incident,) = await paying.about_sims()
    assert [entry.incident for entry in await paying.log("exposure.opened")] == [incident.id]


def unpaid(paying: Paying) -> list[dict[str, Any]]:
    listed = json.loads(paying.command("exposure", "--since", "48h", "--json"))
    return [one for one in listed if one["scope"] == "sim"]


async def test_who_was_without_is_on_the_call_list_until_it_is_renewed_and_after(paying: Paying) -> None:
    until = paying.today - timedelta(days=4)
    await paying.sets(band=until)
    (found,) = unpaid(paying)
    assert (found["resident"], found["scope"], found["devices"], found["until"]) == ("wang", "sim", ["band"], None)
    assert "SIM not paid for" in paying.command("exposure", "--since", "48h")
    assert "no longer paid for" in paying.command("coverage").replace("\n", " ")
    await paying.sets(band=paying.today + timedelta(days=365))
    (over,) = unpaid(paying)
    assert (over["since"], over["devices"]) == (found["since"], ["band"])
    assert over["until"] is not None
    (incident,) = await paying.about_sims()
    assert incident.recovered_at is not None, "closing it stays with a person"


async def test_it_shows_where_devices_are_listed_and_where_they_are_installed(paying: Paying) -> None:
    lives = "INSERT INTO device_life VALUES ('traccar/{}', '{}', 90)"
    now = paying.clock.now().isoformat().replace("+00:00", "Z")
    for name in ("350000002108909", "350000002108910"):
        await paying.run_sql(lives.format(name, now))
    await paying.sets(band=paying.today - timedelta(days=4), pendant=paying.today + timedelta(days=4))
    await paying.run_sql("INSERT INTO device_proof (device, tested_at) SELECT id, '2026-01-01T00:00:00Z' FROM device")
    states = {one["id"]: (one["state"], one["sim_until"]) for one in json.loads(paying.command("devices", "--json"))}
    assert states["band"] == ("SIM ended", str(paying.today - timedelta(days=4)))
    assert states["pendant"] == ("SIM ending", str(paying.today + timedelta(days=4)))
    assert "SIM UNTIL" in paying.command("devices")
    unprotected = paying.command("coverage").replace("\n", " ")
    assert "1 home is NOT PROTECTED: a SIM card is no longer paid for" in unprotected
    assert "no longer paid for of band" in " ".join(paying.command("explain", "wang").split())
    assert "pendant" not in paying.command("explain", "smith"), "it is paid for, if not for long"


async def test_what_a_device_says_of_itself_shows_for_a_week(paying: Paying) -> None:
    said = {"position": {}, "device": {"uniqueId": "350000002108909", "disabled": True}}
    await paying.receive("traccar/positions", json.dumps(said))
    (band,) = [one for one in json.loads(paying.command("devices", "--json")) if one["id"] == "band"]
    assert band["trouble"] == "its account in Traccar is disabled or has ended"
    assert "its account in Traccar" in paying.command("devices", "--faulty", "--resident", "wang")
    await paying.run_sql("UPDATE signal SET received_at = '2026-01-01T00:00:00Z'")
    assert "its account in Traccar" not in paying.command("devices")


async def test_what_was_never_heard_is_not_activated_and_its_home_not_protected(paying: Paying) -> None:
    told = " ".join(paying.command("explain", "wang").split())
    assert "nothing was ever heard (so it is not activated) from gw (gateway)" in told


async def test_nobody_misses_a_device_before_the_day_of_its_activation(paying: Paying) -> None:
    tomorrow = datetime.combine(paying.today + timedelta(days=1), time(), paying.settings.zone)
    book = paying.folder / "devices.toml"
    book.write_text(f"[device.gw]\nactive_from = {tomorrow.date()}\n", "utf-8")
    paying.command("import", str(book))
    (gateway,) = [one for one in json.loads(paying.command("devices", "--json")) if one["id"] == "gw"]
    assert gateway["state"] == "not activated"
    assert "not activated: from" in paying.command("devices")
    paying.clock.pass_((tomorrow - timedelta(hours=1) - paying.clock.now()).total_seconds())
    await paying.supervision.look()
    await paying.supervision.load()
    missed: list[datetime] = []
    while paying.clock.now() < tomorrow + timedelta(hours=1):
        for name in ("350000002108909", "350000002108910"):
            await paying.receive("traccar/positions", json.dumps({"position": {}, "device": {"uniqueId": name}}))
        paying.clock.pass_(25)
        await paying.supervision.look()
        if not missed and (silent := await paying.log("device.silent")):
            missed = [entry.at for entry in silent if "gw" in entry.data["devices"]]
    assert missed
    assert missed[0] > tomorrow


async def test_what_a_clock_told_that_was_ahead_is_told_anew_when_it_is_time(paying: Paying) -> None:
    """For a moment it was a month later; and when the card did end, nobody heard of it."""
    await paying.sets(band=paying.today + timedelta(days=20))
    month = timedelta(days=30).total_seconds()
    paying.clock.pass_(month)
    await paying.supervision.look()
    (wrong,) = await paying.about_sims()
    paying.clock.pass_(-month)
    await paying.supervision.look()
    await paying.engine.apply(wrong.id, Closed(by="Ma", reason="the clock was wrong"))
    for kinds in (["sim_ended", "sim_ending"], ["sim_ended", "sim_ending", "sim_ended"]):
        await paying.days_pass(11)
        (*_, last) = told = await paying.about_sims()
        assert [incident.kind for incident in told] == kinds
        await paying.engine.apply(last.id, Closed(by="Ma", reason="ordered"))
