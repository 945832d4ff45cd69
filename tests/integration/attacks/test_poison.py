"""A message that kills or stalls alarmd twice is recognised before anything decodes it, and its device is called for.

The poison is planted: `tests.support.poisoned` is `alarmd` with a decoder that some bytes are too much for.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from alarmd.intake.attempts import Attempts, Known, Stage, beside
from alarmd.intake.delivery import Delivery
from tests.support.core import Core
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import Acked, RawClient
from tests.support.poisoned import KILLS, KILLS_KEEPING, STALLS
from tests.support.running import Running
from tests.support.stopped_clock import StoppedClock

POISONED = (sys.executable, "-m", "tests.support.poisoned")
ZIGBEE = "zigbee2mqtt/li_button"
NATIVE = "alarmd/v1/bed_button/signal"
DIED = 139
SLOW = 60.0  # seconds until it is ready, on a machine that runs other tests beside


async def start_and_die(alarmd: Running) -> None:
    """It may die of what the broker holds before it says that it is ready."""
    with contextlib.suppress(AssertionError):
        await alarmd.start(patience=SLOW)
    assert await alarmd.until_it_ends() == DIED


async def press_until_acked(alarmd: Running, topic: str, payload: bytes) -> None:
    """What a button does: the same again until it is acknowledged."""
    async with asyncio.timeout(SLOW):
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, AssertionError):
                async with await RawClient.connect(alarmd.port) as client:
                    client.publish(topic, payload, qos=1)
                    await client.expect(Acked)
                    return
            if not alarmd.lives:
                return


async def set_aside(alarmd: Running, topic: str, resident: str) -> None:
    """It is in quarantine, and help is on its way to whose device it is."""
    entry = await alarmd.until_logged("incident.opened", fits=lambda one: one.resident == resident)
    assert entry.data["suspect"] == "unparseable"
    assert [entry.data["reason"] for entry in alarmd.log("signal.quarantined")] == ["stopped_alarmd"]
    rows = alarmd.rows("SELECT topic, payload FROM quarantine")
    assert [row["topic"] for row in rows] == [topic]
    assert alarmd.rows("SELECT count(*) AS n FROM outbox WHERE channel <> 'device'")[0]["n"] > 0


@pytest.mark.broker
@pytest.mark.parametrize("poison", [KILLS, KILLS_KEEPING], ids=["decoding", "keeping"])
async def test_what_a_broker_sends_again_kills_it_twice_and_no_more(tmp_path: Path, poison: bytes) -> None:
    payload = b'{"action":"emergency","note":"%b"}' % poison
    async with Mosquitto(tmp_path, persistent=True) as broker:
        alarmd = Running(tmp_path, mqtt=f'url = "{broker.url}"', command=POISONED)
        alarmd.fill()
        async with alarmd:
            await alarmd.start(patience=SLOW)
            await broker.publish(ZIGBEE, payload)
            assert await alarmd.until_it_ends() == DIED
            await start_and_die(alarmd)
            await alarmd.start(patience=SLOW)
            await set_aside(alarmd, ZIGBEE, "li")
            await broker.publish(ZIGBEE.replace("li_button", "fall_sensor"), b'{"fall":true}')
            await alarmd.until_logged("incident.opened", fits=lambda one: one.resident == "wang")
            await alarmd.kill()
            await alarmd.start(patience=SLOW)  # it is not sent again, and known as it would be
            await broker.publish(ZIGBEE, payload)
            await alarmd.until_logged("signal.repeated")


async def test_what_a_button_sends_again_kills_it_twice_and_no_more(tmp_path: Path) -> None:
    payload = b'{"ref":"7","type":"sos","text":"%b"}' % KILLS
    alarmd = Running(tmp_path, command=POISONED)
    alarmd.fill()
    async with alarmd:
        for _ in range(2):
            await alarmd.start(patience=SLOW)
            await press_until_acked(alarmd, NATIVE, payload)
            assert await alarmd.until_it_ends() == DIED
        await alarmd.start(patience=SLOW)
        await press_until_acked(alarmd, NATIVE, payload)
        assert alarmd.lives
        await set_aside(alarmd, NATIVE, "wang")


async def test_what_stalls_it_until_somebody_kills_it_counts_as_well(tmp_path: Path) -> None:
    payload = b'{"ref":"7","type":"sos","text":"%b"}' % STALLS
    alarmd = Running(tmp_path, command=POISONED)
    alarmd.fill()
    async with alarmd:
        for _ in range(2):
            await alarmd.start(patience=SLOW)
            client = await RawClient.connect(alarmd.port)
            client.publish(NATIVE, payload, qos=1)
            with pytest.raises((TimeoutError, AssertionError)):
                async with asyncio.timeout(1):
                    await client.expect(Acked)
            await alarmd.kill()
            await client.cut()
        await alarmd.start(patience=SLOW)
        await press_until_acked(alarmd, NATIVE, payload)
        await set_aside(alarmd, NATIVE, "wang")


RTL_433 = b'{"time":"2026-11-30 10:00:00","model":"SimpliSafe-Sensor","id":"1M38R","seq":98,"state":1}'
ASIDE = [
    # family, address, topic, payload, whose it is
    ("rtl_433", "SimpliSafe-Sensor/1M38R", "rtl_433/alarmpi/events", RTL_433, "smith"),
    ("home_assistant", "binary_sensor.bed12_call", "homeassistant/binary_sensor/bed12_call/state", b"on", "smith"),
    ("tasmota", "Bad Kontakt", "tele/zb/SENSOR", b'{"ZbReceived":{"Bad Kontakt":{"ZoneStatusChange":1}}}', "smith"),
    ("rtl_433", "SimpliSafe-Sensor/2A4KP", "rtl_433/alarmpi/events", RTL_433, None),
    ("meshtastic", "2130636288", "msh/2/e/LongFast/!7efeee00", b"\x0a\x20\xff", None),
]


@pytest.mark.parametrize(("family", "address", "topic", "payload", "whose"), ASIDE)
async def test_what_is_set_aside_is_told_whoever_it_is_of(
    tmp_path: Path, family: str, address: str, topic: str, payload: bytes, whose: str | None
) -> None:
    """By its resident's people where its words name a registered device, else by the desk; never by nobody."""
    async with Core(tmp_path) as core:
        await core.run_sql(
            "INSERT INTO device (id, family, address, resident, kind, room) VALUES ('tag', :family, :address, 'smith',"
            " 'button', '')".replace(":family", f"'{family}'").replace(":address", f"'{address}'")
        )
        one = Delivery(
            topic=topic, payload=payload, qos=1, retained=False, received_at=core.clock.now(), via="door", user="gw"
        )
        for n in range(3):
            await core.intake._aside.put(replace(one, payload=payload + b" " * n), Known.TOPIC)
        (incident,) = await core.incidents()
        assert (incident.resident, incident.kind) == (whose, "sos")
        assert "signal.quarantined" in [entry.event for entry in await core.log()]
        assert await core.outgoing()


# ---------------------------------------------------------------- what is recognised by what


def delivery(clock: StoppedClock, topic: str, payload: bytes = b"x", user: str = "") -> Delivery:
    return Delivery(topic=topic, payload=payload, qos=1, retained=False, received_at=clock.now(), via="door", user=user)


def die_of(path: Path, clock: StoppedClock, one: Delivery, stage: Stage = Stage.DECODING) -> None:
    """A process begins and never ends."""
    Attempts(path, clock.now())._begin(stage, one)
    clock.pass_(30)


def test_once_is_a_chance_and_twice_is_none(tmp_path: Path) -> None:
    clock, path = StoppedClock(), tmp_path / "a"
    one = delivery(clock, "t", b"poison")
    die_of(path, clock, one)
    assert Attempts(path, clock.now()).recognised(one) is None
    die_of(path, clock, one, Stage.KEEPING)
    found = Attempts(path, clock.now())
    assert found.recognised(one) is Known.MESSAGE
    assert found.recognised(delivery(clock, "t", b"another")) is None
    clock.pass_(30 * 86_400)
    assert Attempts(path, clock.now()).recognised(one) is Known.MESSAGE


def test_poison_that_counts_is_known_by_its_topic_for_an_hour(tmp_path: Path) -> None:
    clock, path = StoppedClock(), tmp_path / "a"
    for n in range(3):
        die_of(path, clock, delivery(clock, "t", b"poison %d" % n))
    assert Attempts(path, clock.now()).recognised(delivery(clock, "t", b"poison 4")) is Known.TOPIC
    assert Attempts(path, clock.now()).recognised(delivery(clock, "u", b"poison 4")) is None
    clock.pass_(3601)
    assert Attempts(path, clock.now()).recognised(delivery(clock, "t", b"poison 4")) is None


def test_who_is_only_busy_when_the_plug_is_pulled_is_not_suspected(tmp_path: Path) -> None:
    clock, path = StoppedClock(), tmp_path / "a"
    for run in range(9):
        attempts = Attempts(path, clock.now())
        for n in range(3):
            with attempts.of(Stage.DECODING, delivery(clock, "t", b"fine %d %d" % (run, n), "btn0")):
                pass
        attempts._begin(Stage.DECODING, delivery(clock, "t", b"cut off %d" % run, "btn0"))
        clock.pass_(60)
    found = Attempts(path, clock.now())
    assert found.recognised(delivery(clock, "t", b"next", "btn0")) is None


def test_poison_under_many_topics_is_known_by_its_user(tmp_path: Path) -> None:
    clock, path = StoppedClock(), tmp_path / "a"
    for n in range(4):
        die_of(path, clock, delivery(clock, f"t{n}", b"poison", "btn0"))
    assert Attempts(path, clock.now()).recognised(delivery(clock, "t9", b"x", "btn0")) is Known.USER
    assert Attempts(path, clock.now()).recognised(delivery(clock, "t9", b"x", "btn1")) is None


def test_what_ends_as_it_should_leaves_nothing(tmp_path: Path) -> None:
    clock, path = StoppedClock(), tmp_path / "a"
    one = delivery(clock, "t")
    for _ in range(5):
        attempts = Attempts(path, clock.now())
        with contextlib.suppress(ValueError), attempts.of(Stage.DECODING, one):
            raise ValueError("a defect that is caught")
    assert Attempts(path, clock.now()).recognised(one) is None


def test_a_stall_that_ends_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StoppedClock()
    monkeypatch.setattr("alarmd.intake.attempts.STALLED_S", 0.0)
    attempts, one = Attempts(tmp_path / "a", clock.now()), delivery(clock, "t")
    for _ in range(2):
        with attempts.of(Stage.KEEPING, one):
            assert attempts.recognised(one) is None
    assert attempts.recognised(one) is Known.MESSAGE


@pytest.mark.parametrize("found", [b"", b"short", b"\xff" * 4096, b"\0" * 10_000])
def test_a_file_that_is_damaged_is_begun_anew(tmp_path: Path, found: bytes) -> None:
    clock, path = StoppedClock(), tmp_path / "a"
    path.write_bytes(found)
    one = delivery(clock, "t")
    die_of(path, clock, one)
    die_of(path, clock, one)
    assert Attempts(path, clock.now()).recognised(one) is Known.MESSAGE


def test_where_no_file_can_be_written_it_does_without(tmp_path: Path) -> None:
    clock = StoppedClock()
    attempts = Attempts(tmp_path / "not there" / "a", clock.now())
    with attempts.of(Stage.DECODING, delivery(clock, "t")):
        pass
    assert beside(tmp_path / "alarmd.db").name == "alarmd.db.attempts"
