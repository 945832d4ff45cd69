"""Buttons of five makes in five homes, behind one mosquitto: each press reaches its own home's people, no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from alarmd.clock import SystemClock
from simulators import dialects
from simulators.broker import Broker
from simulators.buttons import Button
from simulators.town import Town
from simulators.twilio import LookAlike
from tests.support.mosquitto import Mosquitto
from tests.support.running import ALARMD, Running

pytestmark = pytest.mark.broker

PATIENCE = 20.0  # seconds until a test that waits in vain fails
RESIDENTS = "id,name,language,address,lat,lon,plan"
RESPONDERS = "id,name,language,phone,role,lat,lon,travel"
DEVICES = "id,family,address,resident,kind,room,report_every"


@dataclass(frozen=True)
class Home:
    """One home of one family's device, a degree of latitude from the next."""

    name: str
    family: str
    number: int

    @property
    def neighbour(self) -> str:
        """The telephone of whoever lives next door."""
        return f"+44770090001{self.number}"

    @property
    def rows(self) -> tuple[str, str, str]:
        """Resident, neighbour and device, as in the files."""
        spoken, lat = dialects.dialect(self.family), 50 + self.number
        return (
            f"r{self.number},{self.name},en,{self.number} Orchard Lane,{lat}.0,-2.5,standard",
            f"n{self.number},Neighbour of {self.name},en,{self.neighbour},neighbour,{lat}.0005,-2.5,walk",
            f"d{self.number},{self.family},{spoken.device},r{self.number},{spoken.kind},hall,25h",
        )


HOMES = [
    Home(name, family, number)
    for number, (name, family) in enumerate(
        [
            ("Ada Zimmer", "zigbee2mqtt"),
            ("Bess Lora", "chirpstack"),
            ("Cyril Shell", "shelly_gen2"),
            ("Dora Fob", "rtl_433"),
            ("Edith Cord", "esphome"),
        ]
    )
]


async def move_in(folder: Path, alarmd: Running) -> None:
    """Import the homes, as an operator would."""
    files = []
    for place, (name, head) in enumerate([("residents", RESIDENTS), ("responders", RESPONDERS), ("devices", DEVICES)]):
        files.append(folder / f"{name}.csv")
        files[-1].write_text("\n".join([head, *(home.rows[place] for home in HOMES)]) + "\n", encoding="utf-8")
    importing = await asyncio.create_subprocess_exec(str(ALARMD), "import", "-c", str(alarmd.file), *map(str, files))
    assert await importing.wait() == 0


@asynccontextmanager
async def street(folder: Path) -> AsyncIterator[tuple[Running, Town, Broker]]:
    """The daemon behind a mosquitto, the homes, and their neighbours' telephones."""
    (folder / "broker").mkdir()
    town = Town(SystemClock())
    for home in HOMES:
        town.handset(home.neighbour).reception.text_delay = 0.0
    async with LookAlike(town) as provider, Mosquitto(folder / "broker") as broker:
        account = (
            f'[[phone]]\naccount_sid = "{provider.account}"\nauth_token = "{provider.token}"\n'
            f'numbers = ["{provider.numbers[0]}"]\napi_base = "{provider.url}"\nmessages_per_second = 100\n'
        )
        async with Running(folder, mqtt=f'url = "{broker.url}"', more=account) as alarmd:
            await move_in(folder, alarmd)
            await alarmd.start()
            await alarmd.until_said("broker connected")
            yield alarmd, town, Broker.at(broker.url)
        assert not provider.violations
    await town.close()


async def press(broker: Broker, home: Home) -> None:
    """All that goes over the air: births, repeats, twins and stored states."""
    async with Button(broker=broker, family=home.family, device=dialects.dialect(home.family).device) as button:
        await button.comes_up()
        await button.says()


async def test_each_press_reaches_the_people_of_its_own_home(tmp_path: Path) -> None:
    async with street(tmp_path) as (alarmd, town, broker):
        await asyncio.gather(*(press(broker, home) for home in HOMES))
        for home in HOMES:
            handset = town.handset(home.neighbour)
            async with asyncio.timeout(PATIENCE):
                (text, *_) = await town.bell.until(partial(getattr, handset, "texts"))
            assert [one.name for one in HOMES if one.name in text.body] == [home.name]
        opened = alarmd.log("incident.opened")
        assert sorted(str(entry.resident) for entry in opened) == [f"r{home.number}" for home in HOMES]
        assert alarmd.log("incident.raised") == []
        assert {str(entry.data["family"]) for entry in alarmd.log("signal.kept") if entry.data["type"] == "sos"} == {
            home.family for home in HOMES
        }
