"""kill -9 at each point of a commit, one life after the other, of the real process on real files, under load."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from alarmd import journal
from alarmd.journal import LogEntry
from alarmd.store import reading
from alarmd.store.sqlite import CommitPoint
from tests.support.killing import arm, killing
from tests.support.mosquitto import Mosquitto
from tests.support.pressing import SIGNAL, Presses
from tests.support.running import Running

NTH = 3  # the fatal passing, once some presses were answered
SOME, MANY = 40, 300


def refs(alarmd: Running) -> Counter[str]:
    """How often each reference was kept as a new signal, and by name."""
    return Counter(entry.data["ref"] for entry in alarmd.log("signal.kept") if "ref" in entry.data)


def nameless(alarmd: Running) -> int:
    """How many messages are in an entry for all that were alike, of which the first and the last are named."""
    entries = (*alarmd.log("signal.kept"), *alarmd.log("signal.repeated"))
    return sum(int(entry.data["messages"]) for entry in entries if "messages" in entry.data)


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
    *_, after = CommitPoint
    for point in (*CommitPoint, *[after] * 4):  # what it dies in may be the commit of something that is no press
        async with Running(tmp_path, before=killing(point, NTH)) as alarmd:
            await alarmd.start()
            await presses.repeat(alarmd.port)
            pressing = [asyncio.create_task(presses.press(alarmd.port, f"gateway {i}")) for i in range(3)]
            await presses.until(len(presses.acked) + presses.zigbee + SOME)
            arm(alarmd.pid)
            assert await alarmd.until_it_ends() == -signal.SIGKILL
            await asyncio.gather(*pressing)
            kept = refs(alarmd)
            assert len(presses.acked - kept.keys()) <= nameless(alarmd), point
            assert set(kept.values()) == {1}, point
            assert presses.unanswered, point
            sound(alarmd)
        if point is after and presses.unanswered & kept.keys():
            break
    assert presses.unanswered & kept.keys()  # after COMMIT: it is there, and nobody was told
    async with Running(tmp_path) as alarmd:
        await alarmd.start()
        await presses.repeat(alarmd.port)
        await alarmd.stop()
        kept = refs(alarmd)
        assert len(presses.acked - kept.keys()) <= nameless(alarmd)
        assert set(kept.values()) == {1}
        sound(alarmd)


@pytest.mark.broker
async def test_what_the_broker_took_arrives_once_wherever_in_a_commit_it_dies(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir(mode=0o777)
    Running(tmp_path).fill()
    points = list(CommitPoint)
    async with Mosquitto(tmp_path / "broker", quiet=True) as broker:
        mqtt = f'url = "{broker.url}"'
        for life, point in enumerate(points):
            async with Running(tmp_path, mqtt=mqtt, before=killing(point, NTH)) as alarmd:
                await alarmd.start()
                await alarmd.until_said("broker connected")
                numbers = range(life * MANY, (life + 1) * MANY)
                pressing = asyncio.create_task(broker.publish(SIGNAL, *(b'{"ref":"%d"}' % n for n in numbers)))
                await alarmd.until_logged("signal.kept", fits=partial(is_press, numbers[SOME]))
                arm(alarmd.pid)
                assert await alarmd.until_it_ends() == -signal.SIGKILL
                assert set(refs(alarmd).values()) == {1}, point
                sound(alarmd)
                await pressing
        async with Running(tmp_path, mqtt=mqtt) as alarmd:
            await alarmd.start()
            await alarmd.until_logged("signal.kept", fits=partial(is_press, numbers[-1]))
            await alarmd.stop()
            asked = {str(n) for n in range(len(points) * MANY)}
            assert len(asked - refs(alarmd).keys()) <= nameless(alarmd)
            sound(alarmd)


def is_press(number: int, entry: LogEntry) -> bool:
    """That one, or a later one that stands for it too."""
    return int(entry.data.get("ref", -1)) >= number
