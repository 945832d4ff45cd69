"""kill -9 at each point of a commit, one life after the other, of the real process on real files, under load."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest

from alarmd import journal
from alarmd.store import reading
from alarmd.store.sqlite import CommitPoint
from tests.support.killing import PRESSES, arm, killing
from tests.support.mosquitto import Mosquitto
from tests.support.pressing import SIGNAL, Presses, kept, until_kept
from tests.support.running import Running

FIRST, SECOND = 1, 2  # the fatal passing, once some presses were answered; what is alike has few commits
SOME, MANY = 40, 300


def sound(alarmd: Running) -> None:
    """The log is a chain; each of the two buttons has one incident at most, and each step wrote to its people once."""
    with reading(alarmd.url) as tx:
        verdict = journal.verify(tx)
    assert verdict.bad_seq is None, verdict
    assert len(alarmd.rows("SELECT * FROM incident")) <= 2
    steps = alarmd.log("incident.step")
    asked = Counter((step.incident, person["id"]) for step in steps for person in step.data["chosen"])
    texts = "SELECT incident, person FROM outbox WHERE purpose = 'ask' AND channel = 'sms'"
    written = Counter((text["incident"], text["person"]) for text in alarmd.rows(texts))
    assert written <= asked


async def test_what_the_own_door_acknowledged_is_there_wherever_in_a_commit_it_dies(tmp_path: Path) -> None:
    presses = Presses()
    Running(tmp_path).fill()
    for point in CommitPoint:
        async with Running(tmp_path, before=killing(point, FIRST, PRESSES)) as alarmd:
            await alarmd.start()
            await presses.repeat(alarmd.port)
            pressing = [asyncio.create_task(presses.press(alarmd.port, f"gateway {i}")) for i in range(3)]
            await presses.until(len(presses.acked) + presses.zigbee + SOME)
            arm(alarmd.pid)
            assert await alarmd.until_it_ends() == -signal.SIGKILL
            await asyncio.gather(*pressing)
            found = kept(alarmd)
            assert presses.acked <= found.keys(), point
            assert set(found.values()) == {1}, point
            assert presses.unanswered, point
            sound(alarmd)
    assert presses.unanswered & found.keys()  # after COMMIT: it is there, and nobody was told
    async with Running(tmp_path) as alarmd:
        await alarmd.start()
        await presses.repeat(alarmd.port)
        await alarmd.stop()
        found = kept(alarmd)
        assert presses.acked <= found.keys()
        assert set(found.values()) == {1}
        sound(alarmd)


@pytest.mark.broker
async def test_what_the_broker_took_arrives_once_wherever_in_a_commit_it_dies(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir(mode=0o777)
    Running(tmp_path).fill()
    points = list(CommitPoint)
    async with Mosquitto(tmp_path / "broker", quiet=True) as broker:
        mqtt = f'url = "{broker.url}"'
        for life, point in enumerate(points):
            async with Running(tmp_path, mqtt=mqtt, before=killing(point, SECOND, PRESSES)) as alarmd:
                await alarmd.start()
                await alarmd.until_said("broker connected")
                arm(alarmd.pid)
                numbers = range(life * MANY, (life + 1) * MANY)
                pressing = asyncio.create_task(broker.publish(SIGNAL, *(b'{"ref":"%d"}' % n for n in numbers)))
                assert await alarmd.until_it_ends() == -signal.SIGKILL
                assert set(kept(alarmd).values()) == {1}, point
                sound(alarmd)
                await pressing
        async with Running(tmp_path, mqtt=mqtt) as alarmd:
            await alarmd.start()
            await until_kept(alarmd, str(numbers[-1]))
            await alarmd.stop()
            assert kept(alarmd) == Counter(str(n) for n in range(len(points) * MANY))
            sound(alarmd)
