from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import httpx

from alarmd.store import Store
from alarmd.store.sqlite import connect
from alarmd.web.health import Health
from tests.support.station import Station
from tests.support.stopped_clock import StoppedClock


async def test_it_lives_and_is_ready_when_every_part_works(station: Station, stranger: httpx.AsyncClient) -> None:
    async def works() -> None:
        return None

    station.health.add("phone", works)
    alive, ready = await stranger.get("/healthz"), await stranger.get("/readyz")
    assert (alive.status_code, alive.json()) == (200, {"alive": True, "says": "alive"})
    assert ready.status_code == 200
    assert ready.json() == {
        "ready": True,
        "parts": {"store": {"ok": True, "says": "works"}, "phone": {"ok": True, "says": "works"}},
    }


async def test_it_is_not_ready_without_its_phone_provider_and_says_why(
    station: Station, stranger: httpx.AsyncClient
) -> None:
    async def suspended() -> str:
        return "twilio:AC12… is suspended; pay its bill"

    station.health.add("phone", suspended)
    ready = await stranger.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["parts"]["phone"] == {"ok": False, "says": "twilio:AC12… is suspended; pay its bill"}
    assert ready.json()["parts"]["store"]["ok"] is True
    assert (await stranger.get("/healthz")).status_code == 200, "a silent provider is no reason to start anew"
    assert 'alarmd_part_up{part="phone"} 0.0' in (await stranger.get("/metrics")).text


async def test_a_part_that_breaks_or_hangs_when_asked_is_not_usable(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'alarmd.db'}")
    health = Health(store, StoppedClock(), ready_within=0.05)

    async def broken() -> str | None:
        raise RuntimeError("no such wire")

    async def hangs() -> str | None:
        await asyncio.Event().wait()
        return None

    health.add("broker", broken)
    health.add("phone", hangs)
    report = await health.ready()
    await store.close()
    assert not report.ready
    assert report.parts["broker"].says == "could not be asked: no such wire"
    assert report.parts["phone"].says == "has not answered for 0.05 s"


async def test_a_costly_part_is_not_asked_at_every_look(station: Station, stranger: httpx.AsyncClient) -> None:
    asked = 0

    async def costly() -> None:
        nonlocal asked
        asked += 1

    station.health.add("phone", costly, fresh_for=60)
    await asyncio.gather(*(stranger.get("/readyz") for _ in range(8)))
    assert asked == 1


async def test_it_is_not_alive_while_the_writer_hangs_and_alive_again_after(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'alarmd.db'}")
    health = Health(store, StoppedClock(), live_within=0.05)
    release = threading.Event()
    stuck = store.submit(lambda _: release.wait(20))
    fault = await health.alive()
    assert fault == "the store's writer has not answered for 0.05 s"
    release.set()
    await stuck
    assert await Health(store, StoppedClock()).alive() is None
    await store.close()


async def test_a_store_that_cannot_be_written_is_alive_but_not_ready(tmp_path: Path) -> None:
    path = tmp_path / "alarmd.db"
    store = await Store.open(f"sqlite:///{path}")
    breaker = connect(path, readonly=False)
    breaker.execute("DROP TABLE note_to_self")
    breaker.close()
    health = Health(store, StoppedClock())
    report = await health.ready()
    assert report.parts["store"].says.startswith("cannot write: ")
    assert await health.alive() is None
    await store.close()


async def test_the_first_page_says_what_is_true_and_nobodys_name(station: Station, stranger: httpx.AsyncClient) -> None:
    assert "No open incident" in (await stranger.get("/")).text
    await station.press()
    page = await stranger.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "1 open incident" in page.text
    assert "comes with a later version" in page.text
    assert "王秀英" not in page.text
    assert "http://" not in page.text.replace(station.url, "")
    assert "https://" not in page.text, "nothing is loaded from elsewhere"


async def test_the_first_page_speaks_the_browsers_language(station: Station, stranger: httpx.AsyncClient) -> None:
    for accepted, language, title in (
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "<title>alarmd · 没有未结警情</title>"),
        ("en-GB,en;q=0.9", "en", "<title>alarmd · No open incident</title>"),
        ("de,en;q=0.3,zh-TW;q=0.7", "zh-CN", "没有未结警情"),
        ("de-DE,de", station.settings.service.language, "alarmd"),
    ):
        page = await stranger.get("/", headers={"Accept-Language": accepted})
        assert page.headers["content-language"] == language, accepted
        assert f'<html lang="{language}">' in page.text
        assert title in page.text


async def test_a_browser_finds_an_icon_at_every_address(stranger: httpx.AsyncClient) -> None:
    icon = await stranger.get("/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
    assert 'href="/favicon.ico"' in (await stranger.get("/")).text
