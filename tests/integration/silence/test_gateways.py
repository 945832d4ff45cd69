"""A gateway is unplugged: one incident that names it, and not one for each button behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.supervision import Supervision
from escalation.incident import Incident
from tests.support.core import Core

HOME = """
INSERT INTO resident (id, name) VALUES ('r{n}', 'Resident {n}');
INSERT INTO device VALUES ('d{n}', 'theengs_ble', 'A4C13800000{n}', 'r{n}', 'button', '', 60);
"""
HALL, STAIRS = "home/OMG_hall", "home/OMG_stairs"


class House(Core):
    """Nine flats, each with a Bluetooth button that says every half minute that it is there; two gateways hear them."""

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision
        self.heard_by = {n: HALL if n < 3 else STAIRS for n in range(9)}

    async def lives(self, seconds: int, *, unplugged: str = "") -> None:
        for second in range(seconds):
            if second % 30 == 0:
                for n, gateway in self.heard_by.items():
                    if gateway != unplugged:
                        await self.receive(f"{gateway}/BTtoMQTT/A4C13800000{n}", f'{{"packet":{second},"button":0}}')
            self.clock.pass_(1)
            await self.supervision.look()

    def is_hinted(self, gateway: str) -> bool:
        """Whether something says that it is gone."""
        return next(group.hinted for group in self.supervision.fleet._gateways if group.name == gateway)

    async def technical(self) -> list[Incident]:
        return [incident for incident in await self.incidents() if incident.kind == "silent"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path) as made:
        for n in made.heard_by:
            await made.run_sql(HOME.format(n=n))
        await made.lives(90)
        yield made


async def test_an_unplugged_gateway_is_one_incident_that_names_it(house: House) -> None:
    house.heard_by[8] = HALL  # its owner moved to the other end of the house
    await house.lives(40)
    await house.lives(150, unplugged=STAIRS)
    (incident,) = await house.technical()
    assert (incident.subject, incident.resident, incident.plan.name) == (f"gateway:{STAIRS}", None, "technical")
    silent = [device for entry in await house.log("device.silent") for device in entry.data["devices"]]
    assert sorted(silent) == ["d3", "d4", "d5", "d6", "d7"], "the one that moved is heard by the other"
    sent = await house.send()
    assert len(sent) == 1
    assert STAIRS in sent[0].body
    await house.lives(70)
    (incident,) = await house.technical()
    assert incident.recovered_at is not None


async def test_a_last_will_makes_it_sure_sooner_where_few_are_behind_the_gateway(house: House) -> None:
    await house.receive(f"{HALL}/LWT", "offline")
    await house.lives(100, unplugged=HALL)
    (incident,) = await house.technical()
    assert incident.subject == f"gateway:{HALL}"


async def test_a_last_will_is_taken_back_by_the_gateways_own_word_that_it_is_there(house: House) -> None:
    """Its lead was loose for a moment: hours later it was called gone with the first two buttons that were late."""
    await house.receive(f"{HALL}/LWT", "offline")
    await house.receive(f"{HALL}/LWT", "online")
    assert not house.is_hinted(HALL)
    await house.receive(f"{HALL}/LWT", "offline")
    assert house.is_hinted(HALL)
    await house.receive(f"{HALL}/LWT", "online", retained=True)
    assert house.is_hinted(HALL), "a stored copy is no word of now"
