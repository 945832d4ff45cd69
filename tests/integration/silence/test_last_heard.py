"""Last heard is never earlier than what is kept: a kill -9 right behind a press loses no sign of life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alarmd.directory.health import health
from alarmd.intake import check_ins
from alarmd.intake.delivery import Delivery
from devices.signal import Signal, SignalType
from tests.integration.silence.test_silence import Watched

PRESS = '{"ref":"press","type":"sos","battery":55}'


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Watched]:
    async with Watched(tmp_path) as made:
        await made.furnish()
        await made.lives(90)
        await made.supervision.flush()
        yield made


async def last_heard(street: Watched, device: str) -> datetime | None:
    """As `alarmd devices` reads it, from the store alone."""
    now = street.clock.now()
    found = await street.store.read(lambda tx: health(tx, now=now, zone=street.settings.zone))
    return next(one.last_seen for one in found if one.id == device)


@pytest.mark.parametrize(
    "payload", [PRESS, '{"type":"fall","ref":"f"}', '{"ref":"b","type":"battery_low","battery":9}']
)
async def test_a_device_was_last_heard_when_its_last_signal_was_kept(street: Watched, payload: str) -> None:
    street.clock.pass_(20)
    await street.receive("alarmd/v1/p3/signal", payload)
    pressed_at = street.clock.now()
    street.clock.pass_(3)
    await street.restart()  # nothing that was only in memory is left
    assert await last_heard(street, "d3") == pressed_at


async def test_so_it_was_when_it_said_the_same_again(street: Watched) -> None:
    await street.receive("alarmd/v1/p3/signal", PRESS)
    street.clock.pass_(20)
    await street.receive("alarmd/v1/p3/signal", PRESS)
    again_at = street.clock.now()
    await street.restart()
    assert len(await street.log("signal.repeated")) == 1
    assert await last_heard(street, "d3") == again_at


async def test_what_waited_takes_no_later_sign_of_life_back(street: Watched) -> None:
    street.clock.pass_(20)
    await street.receive("alarmd/v1/p3/signal", '{"ref":"beat","type":"heartbeat"}')
    await street.supervision.flush()
    heard_at = street.clock.now()
    early = Delivery(
        topic="alarmd/v1/p3/signal",
        payload=PRESS.encode(),
        qos=1,
        retained=False,
        received_at=heard_at - timedelta(seconds=15),
        via="door",
    )
    await street.intake.take(early)
    await street.restart()
    assert await last_heard(street, "d3") == heard_at


async def test_neither_a_last_will_nor_a_missed_check_in_is_a_sign_of_life(street: Watched) -> None:
    before = await last_heard(street, "d3")
    street.clock.pass_(20)
    now = street.clock.now()
    will = Delivery(
        topic="alarmd/v1/p3/signal",
        payload=PRESS.encode(),
        qos=1,
        retained=False,
        received_at=now,
        via="door",
        will=True,
    )
    await street.intake.take(will)
    missed = Signal(device="p3", family="alarmd", type=SignalType.NO_CHECK_IN)
    said = check_ins.delivery("alarmd", "p3", now)
    await street.store.write(lambda tx: street.intake._keeper.keep(tx, said, (missed,), now))
    assert len(await street.log("signal.kept")) == 2
    await street.restart()
    assert await last_heard(street, "d3") == before


async def test_a_silent_device_that_presses_before_the_crash_is_back_after_it(street: Watched) -> None:
    """Its return was noted in memory a second before its record: without the press it stayed silent for a day."""
    await street.lives(120, without=("p3",))
    assert len(await street.log("device.silent")) == 1
    await street.receive("alarmd/v1/p3/signal", PRESS)
    pressed_at = street.clock.now()
    await street.restart()
    await street.lives(2, without=("p3",))
    (back,) = await street.log("device.back")
    assert back.device == "d3"
    (exposed,) = await street.exposures()
    assert exposed["until"] is not None
    assert await last_heard(street, "d3") == pressed_at
