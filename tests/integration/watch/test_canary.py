"""The canary sings all the way from a press to a sink, and whatever stops it on the way is noticed."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from escalation.texts.watching import Silence
from tests.support.mosquitto import Mosquitto
from tests.support.running import PATIENCE, Running
from tests.support.watching import Cage, Watching

OVERDUE = 0.2  # seconds


async def test_it_sings_and_nobody_is_told_and_nothing_is_left(watched: Watching) -> None:
    cage = Cage(watched)
    for _ in range(3):
        assert await cage.sings()
    assert watched.core.provider.sent == []
    assert watched.core.published.messages == []
    assert await watched.core.log() == []
    assert await watched.core.incidents() == []
    assert [row["state"] for row in await watched.core.outgoing()] == ["sent"], "the last one's answer"
    came_back = watched.figure("alarmd_canary_timestamp_seconds")
    assert came_back is not None
    assert came_back > 0


async def test_a_door_that_takes_nothing_is_noticed(watched: Watching) -> None:
    cage = Cage(watched, due=OVERDUE)
    cage.taken = False
    assert not await cage.sings()
    (entry,) = await watched.log("watchdog.canary")
    assert (entry["what"], entry["by"], entry["owner"]) == ("canary", ["door"], "desk")


async def test_a_writer_that_hangs_is_noticed(watched: Watching) -> None:
    cage = Cage(watched, due=OVERDUE)
    cage.sends = False
    go_on = threading.Event()
    hanging = watched.core.store.submit(lambda _: go_on.wait(PATIENCE))
    assert not await cage.sings()
    assert watched.troubles.is_silent(Silence.CANARY)
    assert watched.figure("alarmd_silent", what="canary") == 1
    go_on.set()
    assert await hanging


async def test_an_outbox_that_stands_still_is_noticed_once_and_so_is_its_return(watched: Watching) -> None:
    cage = Cage(watched, due=OVERDUE)
    cage.sends = False
    for _ in range(3):
        assert not await cage.sings()
    cage.sends = True
    assert await Cage(watched).sings()
    assert [entry["silent"] for entry in await watched.log("watchdog.canary")] == [True, False]
    assert [notice.began for notice in watched.told] == [True, False]
    first, second = await watched.texts()
    assert "自检呼叫未能走通" in first
    assert "已恢复正常" in second


async def test_a_late_answer_of_an_earlier_press_is_no_answer_to_this_one(watched: Watching) -> None:
    cage = Cage(watched, due=OVERDUE)
    cage.sends = False
    assert not await cage.sings()
    cage.taken = False
    cage.sends = True
    assert not await cage.sings()


async def test_a_press_for_help_on_the_canarys_topic_is_one(watched: Watching) -> None:
    cage = Cage(watched)
    await cage.press(cage.canary.topic, b'{"ref":"1"}')
    await cage.press(cage.canary.topic, b"not even JSON")
    assert len(await watched.core.incidents()) == 1


async def figures(alarmd: Running) -> dict[str, float]:
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{alarmd.web}/metrics")).text
    families = text_string_to_metric_families(text)
    return {
        "/".join((sample.name, *sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


async def sang(alarmd: Running) -> dict[str, float]:
    async with asyncio.timeout(PATIENCE):
        while (seen := await figures(alarmd))["alarmd_canary_timestamp_seconds"] == 0:
            pass
    return seen


@pytest.mark.broker
async def test_the_daemon_presses_itself_through_a_real_broker_and_its_own_door(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    async with Mosquitto(tmp_path / "broker") as broker:
        both = f'url = "{broker.url}"\nlisten = "127.0.0.1:0"'
        async with Running(tmp_path, mqtt=both, more="[watch]\ncanary_every = 10") as alarmd:
            alarmd.fill()
            await alarmd.start()
            seen = await sang(alarmd)
            assert broker.count("Received PUBLISH from alarmd-replies", "$canary-alarmd") == 1
            assert seen["alarmd_silent/canary"] == 0
            assert seen["alarmd_canary_seconds"] < 10
            assert seen["alarmd_door_received_total"] == 1
            assert [entry.event for entry in alarmd.log() if entry.event != "directory.changed"] == []


async def test_the_daemon_knocks_at_a_door_that_asks_for_users(tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_text("", encoding="utf-8")
    users.chmod(0o600)
    mqtt = f'listen = "127.0.0.1:0"\nusers_file = "{users}"'
    async with Running(tmp_path, mqtt=mqtt, more="[watch]\ncanary_every = 10") as alarmd:
        alarmd.fill()
        await alarmd.start()
        seen = await sang(alarmd)
        assert (seen["alarmd_door_refused_total"], seen["alarmd_door_broken_total"]) == (0, 0)
