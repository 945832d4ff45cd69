"""A loop and a writer that stand still, and systemd that is not told lies about it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alarmd.circle import phone_of
from alarmd.following import name_of
from alarmd.store import reading
from alarmd.watch.stalls import Stalls
from escalation.texts.watching import Silence
from tests.support.door import until
from tests.support.rough_server import Asked, rough_server, send
from tests.support.running import PATIENCE, Running
from tests.support.watching import Watching


def stalls(watched: Watching, *, writer_most: float = PATIENCE) -> Stalls:
    return Stalls(
        store=watched.core.store,
        troubles=watched.troubles,
        clock=watched.core.clock,
        figures=watched.figures,
        beat=0.01,
        loop_most=0.4,
        writer_most=writer_most,
    )


async def test_a_loop_that_stood_still_says_for_how_long(watched: Watching) -> None:
    running = asyncio.create_task(stalls(watched).run())
    for _ in range(5):
        await asyncio.sleep(0)  # until it has looked at the time
    time.sleep(1)  # noqa: ASYNC251 - the stall itself
    await until(lambda: watched.figure("alarmd_stalls_total", part="loop") is not None)
    async with asyncio.timeout(PATIENCE):
        while not (entries := await watched.log("watchdog.stalled")):
            pass
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (entries[0]["part"], entries[0]["owner"]) == ("loop", "desk")
    assert isinstance(entries[0]["seconds"], float)
    assert 0.5 < entries[0]["seconds"] < 10
    assert watched.figure("alarmd_loop_lag_seconds") is not None


async def test_a_writer_that_stands_still_is_told_while_it_does(watched: Watching) -> None:
    go_on = threading.Event()
    hanging = watched.core.store.submit(lambda _: go_on.wait(PATIENCE))
    measuring = asyncio.create_task(stalls(watched, writer_most=0.1).measure_writer())
    await until(lambda: watched.troubles.is_silent(Silence.WRITER))
    assert [notice.began for notice in watched.told] == [True], "before it can be on record"
    go_on.set()
    assert await hanging
    assert await measuring > 0.1
    assert [notice.began for notice in watched.told] == [True, False]
    assert [entry["what"] for entry in await watched.log("watchdog.stalled")] == ["writer", "writer"]
    assert watched.figure("alarmd_stalls_total", part="writer") == 1


async def test_the_first_desk_phone_is_called_the_first(watched: Watching) -> None:
    """A text to "desk phone 2" where there is only one makes people look for the other."""
    watched.troubles.begin(Silence.BROKER, "")
    await watched.troubles.write()
    told = [row for row in await watched.core.outgoing() if row["purpose"] == "watchdog"]
    with reading(watched.core.settings.store.url) as tx:
        assert [name_of(tx, row["person"]) for row in told] == ["desk phone 1"]
        assert [phone_of(tx, watched.core.settings, row["person"]) for row in told] == [told[0]["destination"]]


async def test_a_writer_that_answers_is_no_news(watched: Watching) -> None:
    assert await stalls(watched).measure_writer() < PATIENCE
    assert watched.told == []
    lag = watched.figure("alarmd_writer_lag_seconds")
    assert lag is not None
    assert lag >= 0


async def test_a_disk_that_takes_nothing_is_told_outside_and_to_the_desk_past_the_outbox(tmp_path: Path) -> None:
    """No press is kept, so nobody is rung for one, and no text can be queued that says so."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await send(writer, 201, {"sid": "SM1", "status": "active"})

    async with rough_server(answer) as world:
        phone = '[[phone]]\nkind = "twilio"\naccount_sid = "AC1"\nauth_token = "t"\nnumbers = ["+441174960999"]\n'
        more = f'{phone}api_base = "{world.url}"\n[watch]\nalert_url = "{world.url}/alert"\n'
        async with Running(tmp_path, more=more) as alarmd:
            alarmd.fill()
            await alarmd.start()
            alarmd.fill_the_disk()
            await until(lambda: any(asked.path == "/alert" for asked in world.asked))
            await until(lambda: any("Messages" in asked.path for asked in world.asked))
            (text,) = [asked for asked in world.asked if "Messages" in asked.path]
            assert text.form["To"] == ["+441174960300"]
            assert "check the disk" in text.form["Body"][0]
            alarmd.make_room()
            over = await alarmd.until_logged("watchdog.stalled", fits=lambda entry: entry.data["silent"] is False)
            assert over.data["what"] == "writer"


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What systemd holds: the other end of the notification socket, with a watchdog of half a second."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        monkeypatch.setenv("WATCHDOG_USEC", "500000")
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield receiver


async def fed(manager: socket.socket, within: float = PATIENCE) -> bool:
    """Whether the watchdog is fed in that time."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within):
            while await loop.sock_recv(manager, 4096) != b"WATCHDOG=1":
                pass
    except TimeoutError:
        return False
    return True


async def test_systemd_is_fed_by_a_daemon_that_works_and_not_by_one_that_stands_still(
    tmp_path: Path, manager: socket.socket
) -> None:
    async with Running(tmp_path) as alarmd:
        alarmd.fill()
        await alarmd.start()
        assert await fed(manager)
        os.kill(alarmd.pid, signal.SIGSTOP)
        while await fed(manager, within=0.1):  # what it had said before
            pass
        assert not await fed(manager, within=1.5), "three times as long as systemd waits before it starts one anew"
        os.kill(alarmd.pid, signal.SIGCONT)
        assert await fed(manager)
        stalled = await alarmd.until_logged("watchdog.stalled")
        assert stalled.data["part"] == "loop"
        assert stalled.data["seconds"] > 1
