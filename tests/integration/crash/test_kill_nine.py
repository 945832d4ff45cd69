"""kill -9 at any moment: what was acknowledged is there, what was promised goes on, and nobody is called twice."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from alarmd import journal, times
from alarmd.clock import SystemClock
from alarmd.journal import LogEntry
from alarmd.store import reading
from simulators.town import Town
from simulators.twilio import LookAlike
from simulators.twilio.faults import Trouble
from tests.support.door import until
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import RawClient
from tests.support.pressing import SIGNAL, Presses, kept, until_kept
from tests.support.running import ALARMD, Running

LIVES, EACH = 3, 400
NEVER = 1e6  # seconds


def sound(alarmd: Running) -> None:
    """The log is a chain, and every open incident has the clock that its state speaks of."""
    with reading(alarmd.url) as tx:
        verdict = journal.verify(tx)
    assert verdict.bad_seq is None, verdict
    for row in alarmd.rows("SELECT id, due_at, state FROM incident WHERE status <> 'closed'"):
        earliest = min(deadline["due_at"] for deadline in json.loads(row["state"])["deadlines"])
        assert row["due_at"][:19] == earliest[:19], row["id"]


async def test_whatever_was_acknowledged_at_the_own_door_is_in_the_log(alarmd: Running) -> None:
    chance = random.Random(1)  # noqa: S311 - the moments of the kills
    presses = Presses()
    for _ in range(LIVES):
        await alarmd.start()
        pressing = [asyncio.create_task(presses.press(alarmd.port, f"gateway {i}")) for i in range(3)]
        await presses.until(len(presses.acked) + presses.zigbee + chance.randrange(1, 400))
        await alarmd.kill()
        await asyncio.gather(*pressing)
        found = kept(alarmd)
        assert presses.acked <= found.keys()
        assert set(found.values()) == {1}
        said = [e for e in [*alarmd.log("signal.kept"), *alarmd.log("signal.repeated")] if "ref" not in e.data]
        assert sum(entry.data.get("messages", 1) for entry in said) >= presses.zigbee
        sound(alarmd)
    await alarmd.start()
    await alarmd.stop()
    sound(alarmd)
    assert (
        len(alarmd.rows("SELECT * FROM incident")) == 2
    )  # her button's and his button's, however often they were pressed


@pytest.mark.broker
async def test_whatever_a_broker_took_arrives_once_through_every_crash(tmp_path: Path) -> None:
    chance = random.Random(3)  # noqa: S311 - the moments of the kills
    (tmp_path / "broker").mkdir(mode=0o777)
    async with Mosquitto(tmp_path / "broker") as broker, Running(tmp_path, mqtt=f'url = "{broker.url}"') as alarmd:
        alarmd.fill()
        await alarmd.start()
        await broker.until_said("Sending SUBACK to alarmd")
        publishing = []
        for life in range(LIVES):
            part = range(life * EACH, (life + 1) * EACH)
            publishing.append(asyncio.create_task(broker.publish(SIGNAL, *(b'{"ref":"%d"}' % i for i in part))))
            if life == LIVES - 1:
                break
            acked = broker.count("Received PUBACK from alarmd")
            await broker.until_said("Received PUBACK from alarmd", times=acked + chance.randrange(50, 200))
            await alarmd.kill()
            sound(alarmd)
            mark = len(alarmd.said)
            await alarmd.start()
            await alarmd.until_said("broker connected", since=mark)
        await asyncio.gather(*publishing)
        await broker.until_said("Received PUBACK from alarmd", times=LIVES * EACH)
        await until_kept(alarmd, str(LIVES * EACH - 1))
        await alarmd.stop()
        resumed = [line["session_resumed"] for line in alarmd.said if line["event"] == "broker connected"]
        assert resumed == [False] + [True] * (LIVES - 1)
        assert kept(alarmd) == Counter(str(i) for i in range(LIVES * EACH))
        sound(alarmd)


async def test_what_came_due_while_it_was_dead_happens_at_once_and_is_called_late(alarmd: Running) -> None:
    await alarmd.start()
    async with await RawClient.connect(alarmd.port) as button:
        button.publish(SIGNAL, b'{"ref":"1"}')
        await alarmd.until_logged("incident.opened")
    await alarmd.kill()
    before = alarmd.log()[-1].seq
    alarmd.time_passes(120)
    await alarmd.start()
    late = await alarmd.until_logged("watchdog.late")
    assert late.incident
    assert late.data["late_seconds"] >= 60
    step = await alarmd.until_logged("incident.step", fits=lambda e: e.seq > before)
    assert step.seq > late.seq
    gap = await alarmd.until_logged("exposure.closed")
    away = times.from_text(gap.data["to"]) - times.from_text(gap.data["from"])
    assert away.total_seconds() >= 120
    await alarmd.stop()
    sound(alarmd)


PLAN = """
[plan.standard]
signals = ["sos", "fall"]
[[plan.standard.step]]
contact = "contacts"
count = 2
by = ["sms"]
wait = "1h"
"""


async def test_a_send_that_a_crash_interrupted_is_looked_up_and_not_sent_twice(tmp_path: Path) -> None:
    """The provider took the neighbour's text and never got the son's; alarmd died before it heard of either."""
    town = Town(SystemClock())
    neighbour, son = (town.handset(number) for number in ("+447700900001", "+447700900005"))
    for handset in (neighbour, son):
        handset.reception.text_delay = NEVER  # no callback will name it: it must be asked for
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "standard.toml").write_text(PLAN)
    async with LookAlike(town) as provider:
        account = (
            f'[[phone]]\naccount_sid = "{provider.account}"\nauth_token = "{provider.token}"\n'
            f'numbers = ["{provider.numbers[0]}"]\napi_base = "{provider.url}"\nmessages_per_second = 100\n'
        )
        provider.faults.plan(Trouble.HANGS, on="Messages", times=2)
        async with Running(tmp_path, more=account) as alarmd:
            alarmd.fill()
            await alarmd.start()
            async with await RawClient.connect(alarmd.port) as button:
                button.publish(SIGNAL, b'{"ref":"1"}')
                await until(lambda: len(provider.exchange.messages) == 2)
            await alarmd.kill()
            lost = next(m for m in provider.exchange.messages.values() if m.to == son.number)
            del provider.exchange.messages[lost.sid]
            assert sorted(row["state"] for row in texts(alarmd)) == ["sending", "sending"]

            await alarmd.start()
            for _ in range(2):
                await alarmd.until_logged("message.unknown")
            await alarmd.kill()  # and once more, while it waits for a callback
            assert [row["state"] for row in texts(alarmd)] == ["unknown", "unknown"]
            alarmd.time_passes(60)
            await alarmd.start()
            for who in ("neighbour", "son"):
                await alarmd.until_logged("message.sent", fits=partial(by, who))
            await alarmd.stop()
            assert [row["state"] for row in texts(alarmd)] == ["sent", "sent"]
            sound(alarmd)
        taken = Counter(message.to for message in provider.exchange.messages.values())
        assert taken == {neighbour.number: 1, son.number: 1}
        assert not provider.violations
    await town.close()


def by(who: str, entry: LogEntry) -> bool:
    return entry.actor == who


def texts(alarmd: Running) -> list[sqlite3.Row]:
    return alarmd.rows("SELECT * FROM outbox WHERE channel = 'sms'")


async def test_a_second_daemon_on_the_same_store_is_refused_with_a_sentence(alarmd: Running) -> None:
    await alarmd.start()
    second = await asyncio.create_subprocess_exec(
        str(ALARMD), "run", "-c", str(alarmd.file), stderr=asyncio.subprocess.PIPE
    )
    _, said = await second.communicate()
    assert second.returncode == 1
    assert said.decode() == f"alarmd: {alarmd.path}: another alarmd is running on this store; stop it first\n"
    assert alarmd.lives
