"""Paths outside: a dead-man's switch that is told only what is true, and a webhook that hears of every trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alarmd.watch.outside import Alerts, DeadMan, Post
from escalation.texts.watching import Silence
from simulators.serving import free_port
from tests.support.door import until
from tests.support.rough_server import Asked, RoughServer, rough_server, send
from tests.support.running import PATIENCE, Running
from tests.support.stopped_clock import StandingClock
from tests.support.watching import Watching


async def fine(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    await send(writer, 200, "OK")


class Part:
    """What alarmd needs, working or not."""

    def __init__(self) -> None:
        self.fault: str | None = None

    async def ready(self) -> str | None:
        return self.fault


@asynccontextmanager
async def switch(watched: Watching, url: str) -> AsyncIterator[tuple[DeadMan, Part]]:
    part, post = Part(), Post()
    made = DeadMan(
        url=f"{url}/uuid",
        every=60,
        ready=part.ready,
        troubles=watched.troubles,
        post=post,
        clock=watched.core.clock,
        figures=watched.figures,
    )
    yield made, part
    await post.close()


def paths(server: RoughServer) -> list[str]:
    return [asked.path for asked in server.asked]


def said(asked: Asked) -> str:
    return "".join(asked.form)


async def test_it_pings_while_everything_works_and_says_fail_while_not(watched: Watching) -> None:
    async with rough_server(fine) as server, switch(watched, server.url) as (made, part):
        await made.ping()
        part.fault = "store: cannot write: disk full"
        await made.ping()
        part.fault = None
        await made.ping()
    assert paths(server) == ["/uuid", "/uuid/fail", "/uuid"]
    assert "disk full" in said(server.asked[1])
    assert watched.figure("alarmd_pings_total", said="well", arrived="true") == 2
    assert watched.figure("alarmd_pings_total", said="fail", arrived="true") == 1


async def test_it_says_fail_as_long_as_anything_is_silent(watched: Watching) -> None:
    async with rough_server(fine) as server, switch(watched, server.url) as (made, _):
        watched.troubles.begin(Silence.TRAFFIC_DOOR, "traffic.silent")
        await made.ping()
        watched.troubles.end(Silence.TRAFFIC_DOOR, "traffic.back")
        await made.ping()
    assert paths(server) == ["/uuid/fail", "/uuid"]
    assert "没有收到任何设备的消息" in said(server.asked[0])


async def test_a_trouble_does_not_wait_for_the_next_ping(watched: Watching) -> None:
    async with rough_server(fine) as server, switch(watched, server.url) as (made, _):
        made._alarm._clock = StandingClock()
        running = asyncio.create_task(made.run())
        await until(lambda: paths(server) == ["/uuid"])
        watched.troubles.begin(Silence.PHONES, "")
        await until(lambda: paths(server) == ["/uuid", "/uuid/fail"])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_switch_that_is_not_there_harms_nothing(watched: Watching) -> None:
    async with switch(watched, f"http://127.0.0.1:{free_port()}") as (made, _):
        await made.ping()
        await made.ping()
    assert watched.figure("alarmd_pings_total", said="well", arrived="false") == 2


@asynccontextmanager
async def alerts(watched: Watching, url: str) -> AsyncIterator[Alerts]:
    post = Post()
    yield Alerts(
        url=f"{url}/hook?key=secret",
        service="https://alarm.example.org",
        troubles=watched.troubles,
        post=post,
        clock=watched.core.clock,
        figures=watched.figures,
    )
    await post.close()


async def test_the_webhook_hears_of_each_beginning_and_each_end_in_order(watched: Watching) -> None:
    async with rough_server(fine) as server, alerts(watched, server.url) as made:
        watched.troubles.begin(Silence.PHONES, "")
        watched.troubles.begin(Silence.PHONES, "")
        watched.core.clock.pass_(90)
        watched.troubles.end(Silence.PHONES, "")
        assert await made.send()
    assert [asked.headers["content-type"] for asked in server.asked] == ["application/json"] * 2
    first, second = (said(asked) for asked in server.asked)
    assert '"what":"phones"' in first.replace(" ", "")
    assert '"silent":true' in first.replace(" ", "")
    assert '"silent":false' in second.replace(" ", "")
    assert '"after_seconds":90' in second.replace(" ", "")


async def test_what_the_webhook_did_not_take_is_sent_again(watched: Watching) -> None:
    answers = [503, 200, 200]

    async def moody(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        await send(writer, answers.pop(0), "")

    async with rough_server(moody) as server, alerts(watched, server.url) as made:
        running = asyncio.create_task(made.run())
        watched.troubles.begin(Silence.CANARY, "watchdog.canary", by=["door"])
        watched.troubles.end(Silence.CANARY, "watchdog.canary")
        await until(lambda: not answers)
        await until(lambda: watched.figure("alarmd_alerts_total", arrived="true") == 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(server.asked) == 3
    assert said(server.asked[0]) == said(server.asked[1]) != said(server.asked[2])
    assert watched.figure("alarmd_alerts_total", arrived="false") == 1


async def test_a_trouble_reaches_the_outside_while_the_store_takes_nothing(watched: Watching) -> None:
    async with rough_server(fine) as server, alerts(watched, server.url) as made:
        await watched.core.store.close()
        watched.troubles.begin(Silence.WRITER, "watchdog.stalled", part="writer")
        await watched.troubles.write()
        assert await made.send()
        assert len(server.asked) == 1
        await watched.core.start()
        watched.troubles._store = watched.core.store
        (entry,) = await watched.log("watchdog.stalled")
        assert entry["what"] == "writer", "on record as soon as the store takes it"


@pytest.mark.parametrize("phones", [True, False])
async def test_the_daemon_says_well_only_with_a_phone_provider_that_works(tmp_path: Path, phones: bool) -> None:  # noqa: FBT001 - a parameter of the story
    async def provider_and_switch(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await send(writer, 200, {"sid": "AC1", "status": "active"} if "Accounts" in asked.path else "OK")
        if asked.path.startswith("/uuid"):
            pinged.set()

    pinged = asyncio.Event()

    async with rough_server(provider_and_switch) as server:
        account = (
            f'[[phone]]\naccount_sid = "AC1"\nauth_token = "x"\nnumbers = ["+441174960301"]\napi_base = "{server.url}"'
        )
        more = f'[watch]\nping_url = "{server.url}/uuid"\nping_every = 5\n{account if phones else ""}'
        async with Running(tmp_path, more=more) as alarmd:
            alarmd.fill()
            await alarmd.start()
            async with asyncio.timeout(PATIENCE):
                await pinged.wait()
    (first, *_) = (path for path in paths(server) if path.startswith("/uuid"))
    assert first == ("/uuid" if phones else "/uuid/fail")
