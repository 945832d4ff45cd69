"""The clock was ahead and is set right: no silence is hidden, no press swallowed, nothing shown that is yet to come.

The rule: no time in the store or in memory lies ahead of now, but for deadlines, and those no farther than anybody can
have meant.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Self

import pytest

from alarmd import leaps, times
from alarmd.auditor import Auditor
from alarmd.directory import proving
from alarmd.directory.exposing import Reason, exposures, of_everybody
from alarmd.directory.health import health
from alarmd.intake.delivery import Delivery
from alarmd.phone.circuit import Circuits
from alarmd.phone.provider import Accepted, Rejected, Remedy
from alarmd.supervision import Supervision
from escalation.incident import Answer, Answered, Incident, Status
from tests.support.core import Core
from tests.support.moments import moments

AHEAD_S = 2.5 * 3600
HOMES = 6
HOME = """
INSERT INTO resident (id, name) VALUES ('r{n}', 'Resident {n}');
INSERT INTO device VALUES ('d{n}', 'alarmd', 'p{n}', 'r{n}', 'pendant', '', 60);
"""
MORE = """
INSERT INTO device VALUES ('band', 'alarmd', 'band', 'wang', 'watch', '', 60);
INSERT INTO device_setting VALUES ('band', '{"limits":{"heart_rate":{"low":50,"seconds":60}}}');
INSERT INTO device VALUES ('hello', 'alarmd', 'hello', 'wang', 'button', '', 86400);
INSERT INTO device_setting VALUES ('hello', '{"check_in_by":"22:00:00"}');
INSERT INTO device VALUES ('counted', 'shelly_gen1', 'shellybutton1-1', 'r5', 'button', '', 86400);
INSERT INTO device VALUES ('radar', 'alarmd', 'radar', 'r5', 'fall', '', 60);
"""
MEANT = ("deadlines", "due", "arrive_by", "until", "_watched", "open_until", "tried_until")
"""Attributes that hold a deadline: each is tried by a story of its own."""


class House(Core):
    """Seven homes, a daemon's memory, and the auditor; the clock is 2½ hours ahead from the start."""

    async def __aenter__(self) -> Self:
        self.clock.pass_(AHEAD_S)
        await super().__aenter__()
        for n in range(HOMES):
            await self.run_sql(HOME.format(n=n))
        await self.run_sql(MORE)
        await self.run_sql("INSERT INTO note_to_self VALUES ('directory', 'furnished')")
        await self.supervision.load()
        return self

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision
        self.supervision.on_look(self.intake._look)
        self.supervision.on_set_back(self.intake._set_back)
        self.supervision.on_reread(self.intake._review)
        self.supervision.on_set_back(lambda now, _: self.outbox.failover.set_back(now))
        self.auditor = Auditor(engine=self.engine, clock=self.clock)
        await self.auditor.note_absence()
        await self.supervision.load()

    async def lives(self, seconds: int, *, without: tuple[str, ...] = ()) -> None:
        """Everybody but those reports every half minute; the daemon looks each second, and audits."""
        for second in range(seconds):
            if second % 30 == 0:
                for address in [*(f"p{n}" for n in range(HOMES)), "band", "radar"]:
                    if address not in without:
                        await self.says(address, "heartbeat")
            self.clock.pass_(1)
            await self.supervision.look()
            if second % 20 == 0:
                await self.auditor.audit()
                await self.supervision.flush()

    async def says(self, address: str, type_: str, **more: object) -> None:
        said = {"ref": f"{self.clock.now()}", "type": type_} | more
        await self.receive(f"alarmd/v1/{address}/signal", json.dumps(said))

    async def set_right(self, *, restarted: bool = False) -> None:
        """The clock is set right; the daemon notices, or was stopped before and is started after it."""
        if restarted:
            await self.supervision.flush()
        self.clock.pass_(-AHEAD_S)
        if restarted:
            await self.restart()
        await self.supervision.look()
        await self.auditor.audit()
        await self.supervision.flush()

    async def much_happens(self) -> None:
        """Whatever leaves a time somewhere."""
        await self.store.write(lambda tx: proving.begin(tx, "r4", by="Ma", now=self.clock.now()))
        await self.run_sql(f"UPDATE device_proof SET tested_at = '{times.to_text(self.clock.now())}'")  # noqa: S608 - a time of our own
        await self.lives(120, without=("p3",))
        await self.says("p3", "heartbeat")
        await self.says("band", "measurement", measurements={"heart_rate": 45}, lat=39.9, lon=116.4)
        await self.says("radar", "fall")
        await self.says("p1", "sos", lat=39.9, lon=116.4, at=times.to_text(self.clock.now() + timedelta(hours=1)))
        self.waits_for_a_birth()
        await self.switchboard.key("no attempt", "CA1", "1", "a token")
        await self.send()

    def waits_for_a_birth(self) -> asyncio.Future[None]:
        """A message that cannot be read before its edge node has said what its numbers mean."""
        body, at = json.dumps({"metrics": [{"alias": 7, "value": True}]}), self.clock.now()
        topic = "spBv1.0/home/NDATA/edge"
        return self.intake.take(
            Delivery(topic=topic, payload=body.encode(), qos=1, retained=False, received_at=at, via="door")
        )

    def in_memory(self) -> list[tuple[str, datetime | float]]:
        """What lies ahead of now."""
        now = self.clock.now()
        found = [
            *moments(self.intake, "intake", without=(*MEANT, "_store", "_engine", "_clock", "_spending")),
            *moments(self.outbox.failover, "failover", without=(*MEANT, "_store", "_engine", "_clock")),
        ]
        return [
            (path, moment)
            for path, moment in found
            if (moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)) > now
        ]

    async def in_store(self) -> list[leaps.Ahead]:
        return await self.store.read(lambda tx: leaps.ahead(tx, self.clock.now()))

    async def silent(self) -> list[str]:
        rows = await self.rows("SELECT device FROM exposure WHERE until IS NULL ORDER BY device")
        return [row["device"] for row in rows]

    async def sos(self) -> list[Incident]:
        return [incident for incident in await self.incidents() if incident.kind == "sos"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path) as made:
        yield made


@pytest.mark.parametrize("restarted", [False, True])
async def test_no_time_in_the_store_or_in_memory_lies_ahead_of_now(house: House, restarted: bool) -> None:  # noqa: FBT001 - a parameter of the story
    await house.much_happens()
    assert not house.in_memory()
    assert not await house.in_store()
    assert len(list(moments(house.intake, "intake", without=MEANT))) > 20, "something is remembered"
    await house.set_right(restarted=restarted)
    assert house.in_memory() == []
    assert await house.in_store() == []
    shown = await house.store.read(lambda tx: health(tx, now=house.clock.now(), zone=house.settings.zone))
    assert all(one.last_seen is None or one.last_seen <= house.clock.now() for one in shown)


@pytest.mark.parametrize("restarted", [False, True])
async def test_who_is_silent_is_missed_within_one_reporting_time(house: House, restarted: bool) -> None:  # noqa: FBT001 - a parameter of the story
    await house.lives(120)
    await house.set_right(restarted=restarted)
    await house.lives(100, without=("p3",))
    assert await house.silent() == ["d3"]
    await house.lives(31)
    assert await house.silent() == []
    (spell,) = await house.rows("SELECT since, until FROM exposure")
    assert spell["since"] < spell["until"] <= times.to_text(house.clock.now())


async def test_a_reload_of_the_directory_brings_no_time_back_that_is_yet_to_come(house: House) -> None:
    await house.lives(120)
    house.clock.pass_(-AHEAD_S)
    await house.supervision.look()
    house.supervision._known = None
    await house.supervision.load()  # the store has not been written since
    await house.lives(100, without=("p3",))
    assert await house.silent() == ["d3"]


async def test_what_was_last_seen_in_a_time_to_come_is_not_shown_so(house: House) -> None:
    """Also by a command, while no daemon runs that would mend it."""
    await house.lives(31)
    now = house.clock.now() - timedelta(seconds=AHEAD_S)
    shown = await house.store.read(lambda tx: health(tx, now=now, zone=house.settings.zone))
    assert {one.last_seen for one in shown if one.last_seen} == {now}


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_test_mode_of_the_wrong_clock_swallows_no_press_then_nor_later(house: House, restarted: bool) -> None:  # noqa: FBT001 - a parameter of the story
    await house.store.write(lambda tx: proving.begin(tx, "r1", by="Ma", now=house.clock.now()))
    await house.lives(1)
    await house.set_right(restarted=restarted)
    await house.says("p1", "sos")
    assert len(await house.sos()) == 1
    house.clock.pass_(AHEAD_S)  # now it is the time that the wrong clock showed
    await house.says("p1", "sos")
    (incident,) = await house.sos()
    assert incident.presses == 2


async def test_a_short_leap_back_lengthens_no_test_mode(house: House) -> None:
    begun = house.clock.now()
    await house.store.write(lambda tx: proving.begin(tx, "r1", by="Ma", now=begun, lasts=timedelta(minutes=1)))
    await house.lives(21)
    house.clock.pass_(-600)
    await house.supervision.look()
    await house.auditor.audit()
    await house.says("p1", "sos")
    assert len(await house.sos()) == 1


async def test_a_position_of_the_wrong_clock_is_not_fresh_for_hours(house: House) -> None:
    await house.says("band", "location", lat=39.9, lon=116.4)
    await house.set_right()
    house.clock.pass_(1800)
    await house.says("band", "sos")
    (incident,) = await house.sos()
    assert incident.fix is not None
    assert (incident.fix.fresh, incident.fix.at <= house.clock.now()) == (False, True)


async def test_a_heart_that_is_outside_does_not_wait_for_the_wrong_time(house: House) -> None:
    await house.says("band", "measurement", measurements={"heart_rate": 45})
    await house.lives(20)
    await house.set_right()
    await house.lives(45)
    assert [incident.kind for incident in await house.incidents() if incident.kind == "vital"] == ["vital"]


async def test_a_message_that_waits_for_a_birth_does_not_wait_for_the_wrong_time(house: House) -> None:
    taken = house.waits_for_a_birth()
    await house.set_right()
    await house.lives(1)
    await taken


async def until_time(house: House, wall: str) -> None:
    zone = house.settings.zone
    local = house.clock.now().astimezone(zone)
    moment = datetime.combine(local.date(), time.fromisoformat(wall), zone)
    house.clock.pass_((moment + timedelta(days=moment <= local) - local).total_seconds())


async def test_a_check_in_of_tomorrow_by_the_wrong_clock_is_none_of_today(house: House) -> None:
    await house.lives(2)
    house.clock.pass_(86_400)
    await house.lives(2)
    await house.says("hello", "check_in")
    await until_time(house, "22:00")
    await house.lives(40)
    house.clock.pass_(-2 * 86_400)
    await house.supervision.look()
    await house.auditor.audit()
    await until_time(house, "22:00")
    await house.lives(40)
    assert "no_check_in" in [incident.kind for incident in await house.incidents()]


async def test_a_text_that_waits_goes_out_at_once_and_none_waits_for_the_old_time(house: House) -> None:
    house.provider.answer = lambda _: Rejected(code="20500", reason="later", remedy=Remedy.BACK_OFF, retry_after=60.0)
    await house.press()
    await house.send()
    await house.auditor.audit()
    house.provider.answer = lambda message: Accepted(sid=f"SM{message.attempt}")
    await house.set_right()
    assert await house.send()


async def test_nobody_stands_behind_others_by_the_wrong_clock(house: House) -> None:
    """Neither what a stranger's alarm waits for, nor who opens alarms faster than any ward."""
    await house.says("nobody", "sos")
    for n in range(HOMES):
        for type_ in ("sos", "fall", "smoke", "gas", "co", "water"):
            said = json.dumps({"type": type_, "ref": f"{n}{type_}"}).encode()
            await house.intake.take(
                Delivery(
                    topic=f"alarmd/v1/p{n}/signal",
                    payload=said,
                    qos=1,
                    retained=False,
                    received_at=house.clock.now(),
                    via="door",
                    user="ward",
                )
            )
    waiting = "SELECT turn_at FROM outbox WHERE turn_at > '{}' AND due_at IS NOT NULL"
    assert await house.rows(waiting.format(times.to_text(house.clock.now())))
    assert await house.rows("SELECT * FROM incident_behind")
    await house.set_right()
    now = times.to_text(house.clock.now())
    assert not await house.rows(waiting.format(now))
    assert not await house.rows(f"SELECT * FROM incident_behind WHERE until > '{now}'")  # noqa: S608 - a time of our own
    assert not await house.rows(f"SELECT * FROM sender_pace WHERE max(next_at, told_at) > '{now}'")  # noqa: S608 - as above
    assert not house.in_memory()


async def test_who_accepted_is_to_arrive_by_a_time_of_the_new_clock(house: House) -> None:
    incident = await house.press()
    await house.send()
    await house.engine.apply(incident.id, Answered(person="zhao", answer=Answer.GO, via="voice"))
    await house.auditor.audit()
    await house.set_right()
    (incident,) = await house.sos()
    latest = house.clock.now() + timedelta(minutes=30)
    assert incident.status is Status.ACCEPTED
    assert max(deadline.due_at for deadline in incident.deadlines) <= latest
    assert all(one.arrive_by <= latest for one in incident.participants if one.arrive_by)


async def test_that_alarmd_does_not_run_is_not_hidden_by_its_last_word_of_a_time_to_come(house: House) -> None:
    await house.auditor.audit()
    now = house.clock.now() - timedelta(seconds=AHEAD_S)
    since = now - timedelta(hours=2)
    (away,) = await house.store.read(lambda tx: of_everybody(tx, since=since, now=now))
    assert (away.why, away.since, away.until) == (Reason.AWAY, since, None)
    house.clock.pass_(-AHEAD_S)
    await house.restart()
    (entry,) = await house.log("exposure.closed")
    assert entry.data["who"] == "everybody"
    assert entry.data["from"] <= entry.data["to"] <= times.to_text(house.clock.now())


async def test_a_clock_that_has_not_been_told_the_time_bounds_nothing(house: House) -> None:
    """A small computer without a battery begins in 1970."""
    await house.lives(31)
    before = await house.rows("SELECT * FROM device_life ORDER BY device")
    unset = datetime(1970, 1, 1, tzinfo=UTC)
    await leaps.bound_all(house.store, unset, set_back=True)
    assert [tuple(row) for row in await house.rows("SELECT * FROM device_life ORDER BY device")] == [
        tuple(row) for row in before
    ]


async def test_a_typing_error_in_the_day_of_activation_can_be_mended(house: House) -> None:
    wrong, right = date(2036, 11, 21), house.clock.now().astimezone(house.settings.zone).date()
    for day in (wrong, right):
        await house.run_sql(
            f"INSERT OR REPLACE INTO device_setting VALUES ('d3', '{{\"active_from\":\"{day}\"}}');"  # noqa: S608 - a day of our own
            f"INSERT OR REPLACE INTO note_to_self VALUES ('directory', '{day}')"
        )
        await house.supervision.load()
        await house.lives(120, without=("p3",))
        assert await house.silent() == (["d3"] if day == right else [])
    assert not house.in_memory()


async def test_exposures_of_a_time_to_come_are_told_by_now(house: House) -> None:
    await house.lives(120, without=("p3",))
    now = house.clock.now() - timedelta(seconds=AHEAD_S)
    since = now - timedelta(hours=1)
    homes = await house.store.read(lambda tx: list(exposures(tx, since=since, now=now, settings=house.settings)))
    spans = [span for home in homes for span in home.spans]
    assert all(moment <= now for span in spans for moment in (span.since, span.until) if moment)


def test_a_provider_that_worked_by_the_wrong_clock_has_not_worked_a_moment_ago_when_that_comes() -> None:
    """For ten minutes around it nobody would have believed that it is down."""
    circuits, then = Circuits(), datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    circuits.worked("first", then)
    circuits.set_back(then - timedelta(hours=2))
    assert not circuits.worked_within("first", timedelta(minutes=5), then)


def test_a_provider_that_was_being_tried_is_tried_again() -> None:
    circuits, now = Circuits(), datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    circuits.failed("first", now)
    assert circuits.pick(["first", "second"], tries=0, now=now + timedelta(seconds=31)) == "first"
    set_right = now - timedelta(hours=2)
    assert circuits.pick(["first", "second"], tries=0, now=set_right) == "first"
    assert circuits.pick(["first", "second"], tries=0, now=set_right) == "second", "one at a time"
