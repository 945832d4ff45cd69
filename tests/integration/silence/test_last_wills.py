"""A last will at alarmd's own listener: the client is gone, so it is no life, no proof, and nobody's check-in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.clock import SystemClock
from alarmd.directory import proving
from alarmd.door.packets import V5, Will
from alarmd.door.server import Door
from alarmd.intake.delivery import Delivery
from alarmd.supervision import Supervision
from alarmd.watch.names import canary_device, signal_topic
from alarmd.watch.tower import _Counting
from alarmd.watch.traffic import Traffic
from tests.support.core import Core
from tests.support.mqtt import Keeper, RawClient

MORE = """
INSERT INTO device VALUES ('band', 'alarmd', 'band', 'wang', 'watch', '', 60);
INSERT INTO device VALUES ('hall', 'alarmd', 'hall', 'wang', 'gateway', '', 60);
"""


class Home(Core):
    """Wang's home, and whatever her devices left to be said."""

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision

    async def leaves(self, address: str, payload: str) -> None:
        """A client is gone, and its last will is published."""
        await self.intake.take(
            Delivery(
                topic=f"alarmd/v1/{address}/signal",
                payload=payload.encode(),
                qos=1,
                retained=False,
                received_at=self.clock.now(),
                via="door",
                sender=address,
                will=True,
            )
        )

    def seen(self, address: str) -> float:
        fleet = self.supervision.fleet
        return fleet.seen_at(fleet._numbers["alarmd"][address])


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with Home(tmp_path) as made:
        await made.run_sql(MORE)
        await made.supervision.load()
        yield made


@pytest.mark.parametrize(
    "will",
    [
        {"type": "offline"},
        {"type": "heartbeat"},
        {"type": "online"},
        {"type": "location", "lat": 39.9, "lon": 116.4},
        {"type": "measurement", "measurements": {"heart_rate": 20, "systolic": 60}},
        {"type": "check_in"},
        {"type": "test"},
        {"type": "battery_ok", "battery": 99},
        {"type": "fault", "text": "lost"},
    ],
    ids=lambda said: str(said["type"]),
)
async def test_whatever_it_says_its_device_was_not_heard_and_nobody_is_well_by_it(
    home: Home, will: dict[str, object]
) -> None:
    await home.leaves("band", json.dumps({"ref": "1"} | will))
    assert home.seen("band") == 0
    assert await home.incidents() == []
    lively = {"check_in", "test", "sos", "cancel"}
    assert not [entry for entry in await home.log("signal.kept") if entry.data["type"] in lively]


async def test_a_call_for_help_in_it_is_one(home: Home) -> None:
    await home.leaves("band", '{"ref":"1","type":"sos"}')
    assert [incident.kind for incident in await home.incidents()] == ["sos"]
    assert home.seen("band") == 0
    (kept,) = await home.log("signal.kept")
    assert kept.data["last_will"] is True


async def test_what_cannot_be_read_of_it_is_an_alarm_all_the_same(home: Home) -> None:
    await home.leaves("band", "\x00\x01 lost")
    assert len(await home.incidents()) == 1


async def test_in_test_mode_it_proves_no_trigger(home: Home) -> None:
    await home.store.write(lambda tx: proving.begin(tx, "wang", by="Ma", now=home.clock.now()))
    await home.leaves("band", '{"ref":"1","type":"sos"}')
    assert await home.incidents() == []
    entries = await home.log()
    assert await home.store.read(lambda tx: proving.found(tx, iter(entries), "band")) is None
    assert [entry.event for entry in entries if entry.device == "band"] == ["signal.kept", "device.fault"]


async def test_the_listener_says_which_message_is_one() -> None:
    keeper = Keeper()
    door = Door(taker=keeper, clock=SystemClock(), host="127.0.0.1", port=0)
    await door.start()
    try:
        will = Will(topic="alarmd/v1/hall/signal", payload=b'{"type":"heartbeat"}', qos=1, retain=False)
        async with await RawClient.connect(door.port, version=V5, will=will) as client:
            client.publish("alarmd/v1/hall/signal", b'{"type":"online"}')
            await keeper.has(1)
            await client.cut()
            await keeper.has(2)
    finally:
        await door.stop()
    assert [taken.will for taken in keeper.taken] == [False, True]


class Noting:
    """As much of the traffic's watch as counting needs."""

    def __init__(self) -> None:
        self.heard_by: list[str] = []

    def heard(self, path: str, _: object) -> None:
        self.heard_by.append(path)


@pytest.mark.parametrize(
    ("topic", "will", "counts"),
    [
        ("alarmd/v1/bed/signal", False, True),
        ("alarmd/v1/bed/signal", True, False),
        (signal_topic(canary_device("alarmd")), False, False),
        (signal_topic(canary_device("another-alarmd")), False, False),
    ],
)
async def test_neither_a_will_nor_any_alarmds_own_press_is_traffic(
    home: Home,
    topic: str,
    will: bool,  # noqa: FBT001 - a parameter of the story
    counts: bool,  # noqa: FBT001 - a parameter of the story
) -> None:
    noting = Noting()
    traffic: Traffic = noting  # type: ignore[assignment] # as much of one as counting needs
    at = home.clock.now()
    body = b'{"type":"test","ref":"1"}'
    await _Counting(home.intake, traffic).take(
        Delivery(topic=topic, payload=body, qos=1, retained=False, received_at=at, via="broker", will=will)
    )
    assert noting.heard_by == (["broker"] if counts else [])
