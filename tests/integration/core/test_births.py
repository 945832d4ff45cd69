"""Sparkplug B: metrics that are numbers after the birth, and deaths of sessions that are over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from alarmd.intake.delivery import Delivery
from alarmd.supervision import Supervision
from devices.families.sparkplug_b import wire
from tests.support.core import Core

SOS, TEMPERATURE = 4, 5
NODE, DEVICE = "spBv1.0/home/{}/floor1", "spBv1.0/home/{}/floor1/cord"


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def metric(
    name: str = "", alias: int | None = None, *, datatype: int = 0, number: int | None = None, on: Any = None
) -> bytes:
    out = field(1, name.encode()) if name else b""
    out += field(2, alias) if alias is not None else b""
    out += field(4, datatype) if datatype else b""
    out += field(10, number) if number is not None else b""
    return out + (field(14, int(on)) if on is not None else b"")


def payload(*metrics: bytes, seq: int = 0) -> bytes:
    return field(1, 1795248000000 + seq) + b"".join(field(2, one) for one in metrics) + field(3, seq)


class Floor(Core):
    """A gateway with a pull cord in Wang's home."""

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision

    async def born(self, session: int = 1) -> None:
        await self.receive(NODE.format("NBIRTH"), payload(metric("bdSeq", number=session)))
        metrics = (
            metric("Cord/SOS", SOS, datatype=11, on=False),
            metric("Temperature", TEMPERATURE, datatype=3, number=21),
        )
        await self.receive(DEVICE.format("DBIRTH"), payload(*metrics, seq=1))

    def sends(self, *metrics: bytes, seq: int = 2) -> asyncio.Future[None]:
        raw = payload(*metrics, seq=seq)
        return self.intake.take(
            Delivery(
                topic=DEVICE.format("DDATA"),
                payload=raw,
                qos=0,
                retained=False,
                received_at=self.clock.now(),
                via="door",
            )
        )


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    async with Floor(tmp_path) as made:
        await made.run_sql(
            "INSERT INTO device VALUES ('c', 'sparkplug_b', 'home/floor1/cord', 'wang', 'cord', '', NULL)"
        )
        yield made


async def test_a_press_by_number_is_a_press_after_the_birth(floor: Floor) -> None:
    await floor.born()
    await floor.sends(metric(alias=SOS, on=True))
    (incident,) = await floor.incidents()
    assert (incident.resident, incident.kind, incident.suspect) == ("wang", "sos", "")
    assert floor.receipts == []


async def test_a_number_below_nothing_is_read_by_the_type_of_the_birth(floor: Floor) -> None:
    births = floor.intake._births
    await floor.born()
    told = births.hear(
        Delivery(
            topic=DEVICE.format("DDATA"),
            payload=payload(metric(alias=TEMPERATURE, number=(1 << 32) - 4)),
            qos=0,
            retained=False,
            received_at=floor.clock.now(),
            via="door",
        )
    )
    assert told.delivery is not None
    assert b'"value": -4' in told.delivery.payload


async def test_a_press_before_any_birth_waits_for_one_and_asks_for_it(floor: Floor) -> None:
    pressed = floor.sends(metric(alias=SOS, on=True))
    again = floor.sends(metric(alias=SOS, on=False), seq=3)
    (asked,) = floor.receipts
    assert asked.topic == "spBv1.0/home/NCMD/floor1"
    command = wire.read(asked.payload)
    assert command["metrics"] == [{"name": "Node Control/Rebirth", "datatype": 11, "value": True}]
    assert not pressed.done()
    await floor.born()
    await asyncio.gather(pressed, again)
    (incident,) = await floor.incidents()
    assert (incident.kind, incident.suspect) == ("sos", "")


async def test_a_press_that_no_birth_ever_names_calls_all_the_same(floor: Floor) -> None:
    pressed = floor.sends(metric(alias=SOS, on=True))
    floor.clock.pass_(9)
    floor.intake._look(floor.clock.now())
    assert not pressed.done()
    floor.clock.pass_(1)
    floor.intake._look(floor.clock.now())
    await pressed
    (incident,) = await floor.incidents()
    assert (incident.resident, incident.suspect) == ("wang", "unparseable")


async def test_an_alarm_with_its_name_does_not_wait_for_a_number_beside_it(floor: Floor) -> None:
    waiting = floor.sends(metric("Fall", on=True), metric(alias=77, on=True))
    await floor.store.write(lambda _: None)
    assert [incident.kind for incident in await floor.incidents()] == ["fall"]
    assert not waiting.done()


async def test_a_new_birth_gives_new_names(floor: Floor) -> None:
    await floor.born()
    await floor.receive(NODE.format("NBIRTH"), payload(metric("bdSeq", number=2)))
    assert not floor.sends(metric(alias=SOS, on=True)).done()
    assert len(floor.receipts) == 1


@pytest.mark.parametrize(("died", "gone"), [(1, False), (2, True)])
async def test_a_death_of_an_old_session_is_none(
    floor: Floor,
    monkeypatch: pytest.MonkeyPatch,
    died: int,
    gone: bool,  # noqa: FBT001 - a column of the table
) -> None:
    gone_by_now: list[str] = []

    def hint(device: str, *, gone: bool) -> None:
        if gone:
            gone_by_now.append(device)

    monkeypatch.setattr(floor.supervision, "hint", hint)
    await floor.born(session=1)
    await floor.born(session=2)
    await floor.receive(NODE.format("NDEATH"), payload(metric("bdSeq", number=died)))
    assert gone_by_now == (["home/floor1"] if gone else [])
