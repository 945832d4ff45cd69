"""What devices.toml sets, from the file to the incident."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from alarmd.intake.delivery import NotKeptError
from alarmd.store import StoreError
from alarmd.supervision import Supervision
from escalation.incident import Closed
from tests.support.commands import alarmd
from tests.support.core import Core
from tests.support.station import fill, write_settings

BOOK = """
[device.bed]
gestures = { single = "sos", double = "assist", long = "cancel" }
[device.door]
night = "18:00-21:00"
at_night = "wander"
[device.hello]
check_in_by = "10:00"
[device.band]
limits = { heart_rate = { low = 50, high = 120, for = "1m" } }
"""
DEVICES = """
INSERT INTO device VALUES ('door', 'zigbee2mqtt', 'door', 'wang', 'door', '', NULL);
INSERT INTO device VALUES ('hello', 'alarmd', 'hello', 'wang', 'button', '', NULL);
INSERT INTO device VALUES ('band', 'alarmd', 'band', 'wang', 'watch', '', NULL);
"""


class Set(Core):
    """Wang's home with a door and a band, as set in devices.toml."""

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision
        self.supervision.on_look(self.intake._look)

    async def measures(self, heart_rate: float, spo2: float = 97) -> None:
        body = f'{{"ref":"{self.clock.now()}","type":"measurement","measurements":'
        await self.receive("alarmd/v1/band/signal", f'{body}{{"heart_rate":{heart_rate},"spo2":{spo2}}}}}')

    async def later(self, seconds: float) -> None:
        self.clock.pass_(seconds)
        await self.supervision.look()
        with contextlib.suppress(StoreError):
            await self.store.write(lambda _: None)

    async def starts_again(self) -> None:
        """As after a restart, with the first look before anything is known of the devices."""
        await self.restart()
        await self.supervision.look()

    async def until_time(self, wall: str) -> None:
        """Until the next such time of the service's clock."""
        zone = self.settings.zone
        local = self.clock.now().astimezone(zone)
        moment = datetime.combine(local.date(), time.fromisoformat(wall), zone)
        moment += timedelta(days=moment <= local)
        await self.later((moment - local).total_seconds())

    async def kinds(self) -> list[str]:
        return [incident.kind for incident in await self.incidents()]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Set]:
    (tmp_path / "devices.toml").write_text(BOOK, encoding="utf-8")
    async with Set(tmp_path) as made:
        await made.run_sql(DEVICES)
        imported = alarmd("import", "-c", tmp_path / "alarmd.toml", tmp_path / "devices.toml")
        assert "4 changed" in imported.out
        await made.supervision.load()
        yield made


async def test_a_double_press_asks_for_a_hand_and_a_long_one_takes_it_back(home: Set) -> None:
    await home.receive("zigbee2mqtt/bed_button", '{"action":"double"}')
    assert await home.kinds() == ["assist"]
    await home.receive("zigbee2mqtt/bed_button", '{"action":"hold"}')
    assert await home.kinds() == ["assist"]


async def test_a_door_that_opens_at_night_is_an_alarm(home: Set) -> None:
    await home.receive("zigbee2mqtt/door", '{"contact":true}')
    assert await home.kinds() == []
    await home.receive("zigbee2mqtt/door", '{"contact":false}')
    assert await home.kinds() == ["wander"]


async def test_a_heart_that_stays_too_slow_for_a_minute_is_an_alarm_and_one_beat_is_none(home: Set) -> None:
    await home.measures(45)
    await home.later(30)
    await home.measures(70)
    await home.later(90)
    assert await home.kinds() == []
    await home.measures(45)
    await home.later(59)
    assert await home.kinds() == []
    await home.later(2)
    assert await home.kinds() == ["vital"]
    (kept,) = await home.log("signal.kept")
    assert kept.data["text"] == "heart_rate 45 (50-120)"


async def test_who_does_not_check_in_by_the_time_agreed_is_asked_after_once(home: Set) -> None:
    await home.until_time("10:00")
    assert await home.kinds() == ["no_check_in"]
    assert [message.to for message in await home.send()] == ["+861064211111"]
    await home.restart()
    await home.supervision.load()
    await home.later(60)
    assert len(await home.log("signal.kept")) == 1


async def test_who_checks_in_is_not_asked_after_that_day_but_the_next(home: Set) -> None:
    await home.until_time("08:00")
    await home.receive("alarmd/v1/hello/signal", '{"ref":"1","type":"check_in"}')
    await home.until_time("23:00")
    assert await home.kinds() == []
    await home.until_time("09:59")
    assert await home.kinds() == []
    await home.later(120)
    assert await home.kinds() == ["no_check_in"]


async def test_a_start_after_the_time_asks_after_who_has_not_checked_in_meanwhile(home: Set) -> None:
    """The first look came before the settings were known: all were taken for set after their time."""
    await home.until_time("09:30")
    home.clock.pass_(45 * 60)
    await home.starts_again()
    await home.later(1)
    await home.later(30)
    assert await home.kinds() == ["no_check_in"]


async def test_a_time_before_midnight_is_asked_about_after_it_and_the_next_evening_again(home: Set) -> None:
    (home.settings.folder / "devices.toml").write_text('[device.hello]\ncheck_in_by = "23:30"\n', encoding="utf-8")
    assert alarmd("import", "-c", home.settings.folder / "alarmd.toml", home.settings.folder / "devices.toml").code == 0
    await home.until_time("23:00")
    home.clock.pass_(75 * 60)
    await home.starts_again()
    await home.later(30)
    assert await home.kinds() == ["no_check_in"]
    await home.later(60)
    (first,) = await home.incidents()
    await home.engine.apply(first.id, Closed(by="Zhang", reason="slept at her daughter's"))
    await home.until_time("23:30")
    await home.later(30)
    assert await home.kinds() == ["no_check_in", "no_check_in"]


async def test_what_comes_before_the_settings_are_known_is_kept_as_they_say(home: Set) -> None:
    await home.restart()
    await home.receive("zigbee2mqtt/door", '{"contact":false}')
    await home.receive("alarmd/v1/hello/signal", '{"ref":"1","type":"check_in"}')
    assert [entry.data["type"] for entry in await home.log("signal.kept")] == ["wander", "check_in"]


async def test_a_reading_that_could_not_be_kept_is_kept_when_it_comes_again(home: Set) -> None:
    body = '{"ref":"1","type":"measurement","measurements":{"systolic":240}}'
    with home.undone(), pytest.raises(NotKeptError):
        await home.receive("alarmd/v1/band/signal", body)
    await home.receive("alarmd/v1/band/signal", body)
    assert await home.kinds() == ["vital"]


async def test_what_stayed_outside_and_could_not_be_kept_comes_again_with_the_next_look(home: Set) -> None:
    await home.measures(45)
    with home.undone():
        await home.later(61)
    assert await home.kinds() == []
    await home.later(1)
    assert await home.kinds() == ["vital"]
    await home.later(60)
    assert len(await home.log("signal.kept")) == 1


async def test_one_reading_of_a_cuff_is_enough_and_is_said_again_after_a_while(home: Set) -> None:
    body = '{"ref":"%s","type":"measurement","measurements":{"systolic":240}}'
    await home.receive("alarmd/v1/band/signal", body % 1)
    assert await home.kinds() == ["vital"]
    for minutes in range(40):
        home.clock.pass_(60)
        await home.receive("alarmd/v1/band/signal", body % (minutes + 2))
    (incident,) = await home.incidents()
    assert incident.presses == 2


async def test_a_stranger_with_a_slow_heart_alarms_nobody(home: Set) -> None:
    await home.receive("alarmd/v1/stranger/signal", '{"ref":"1","type":"measurement","measurements":{"systolic":80}}')
    assert await home.kinds() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[device.bed]\ngestures = {single = "soss"}', "device.bed.gestures.single: 'soss' is none of"),
        ('[device.bad]\nnight = "22:00-06:00"', "device.bad: there is no such device; did you mean 'bed'?"),
        ('[device.bed]\nnight = "late"', "is not a span of the day"),
        ("[device.bed]\nlimit = {}", "unknown key 'limit'; did you mean \"limits\"?"),
        ("[device.bed]\nlimits = {heart_rate = {low = 90, high = 40}}", "low 90 must be below high 40"),
    ],
)
def test_a_mistake_names_its_key_and_nothing_is_written(tmp_path: Path, text: str, said: str) -> None:
    file = write_settings(tmp_path)
    fill(tmp_path / "alarmd.db")
    (tmp_path / "devices.toml").write_text(text, encoding="utf-8")
    outcome = alarmd("import", "-c", file, tmp_path / "devices.toml")
    assert (outcome.code, outcome.err.count(said)) == (1, 1), outcome.err
