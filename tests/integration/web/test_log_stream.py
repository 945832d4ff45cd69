from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from alarmd.web import log_stream
from alarmd.web.budgets import Budgets
from alarmd.web.log_stream import LogStream, Wanted
from tests.support.station import Station


def _lines(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_the_log_is_lines_of_the_contracts_keys(station: Station, operator: httpx.AsyncClient) -> None:
    await station.press()
    answer = await operator.get("/api/v1/log")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    entries = _lines(answer)
    assert [entry["seq"] for entry in entries] == [1, 2]
    assert list(entries[0]) == [
        "seq", "at", "event", "incident", "resident", "device", "actor", "data", "prev", "hash",
    ]  # fmt: skip


async def test_it_can_be_narrowed(station: Station, operator: httpx.AsyncClient) -> None:
    first = await station.press()
    station.clock.pass_(60)
    await station.press("smith")
    assert {e["incident"] for e in _lines(await operator.get("/api/v1/log", params={"incident": first.id}))} == {
        first.id
    }
    assert {e["resident"] for e in _lines(await operator.get("/api/v1/log", params={"resident": "smith"}))} == {"smith"}
    late = await operator.get("/api/v1/log", params={"since": "2026-11-21T11:30:30Z"})
    assert {e["resident"] for e in _lines(late)} == {"smith"}
    assert [e["seq"] for e in _lines(await operator.get("/api/v1/log", params={"after": 1, "limit": 2}))] == [2, 3]
    naive = await operator.get("/api/v1/log", params={"since": "2026-11-21T11:30:30"})
    assert (naive.status_code, naive.json()["error"]["code"]) == (422, "unreadable")
    beyond = await operator.get("/api/v1/log", params={"after": 2**63})  # more than the store can count to
    assert (beyond.status_code, beyond.json()["error"]["code"]) == (422, "unreadable")
    lost = await operator.get("/api/v1/log", headers={"Last-Event-ID": "9" * 5000})
    assert len(_lines(lost)) == 4  # a browser's odd memory: then from the beginning


async def test_a_long_log_comes_page_by_page_and_whole(station: Station, operator: httpx.AsyncClient) -> None:
    entries = log_stream.PAGE * 2 + 3
    await asyncio.gather(*(station.log("watchdog.canary") for _ in range(entries)))
    seqs = [entry["seq"] for entry in _lines(await operator.get("/api/v1/log"))]
    assert seqs == list(range(1, entries + 1))


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            yield int(fields["id"]), json.loads(fields["data"])


async def test_a_browser_follows_and_goes_on_where_it_lost_the_connection(
    station: Station, operator: httpx.AsyncClient
) -> None:
    await station.log("watchdog.canary")
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "1"}
    async with operator.stream("GET", "/api/v1/log", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        incident = await station.press()
        events = _events(answer)
        seq, entry = await anext(events)
        assert (seq, entry["event"], entry["incident"]) == (2, "incident.opened", incident.id)
        seq, entry = await anext(events)
        assert (seq, entry["event"]) == (3, "incident.step")


async def test_who_follows_is_let_go_when_the_daemon_stops(station: Station, operator: httpx.AsyncClient) -> None:
    await station.log("watchdog.canary")
    async with operator.stream("GET", "/api/v1/log", params={"follow": True}) as answer:
        lines = answer.aiter_lines()
        assert json.loads(await anext(lines))["event"] == "watchdog.canary"
        await station.server.stop()
        assert [line async for line in lines] == []


async def test_silence_is_filled_so_that_no_proxy_hangs_up(station: Station) -> None:
    closing = asyncio.Event()
    stream = LogStream(station.store, closing, look_every=0.001, keep_alive_every=0.002)
    followed = stream.events(Wanted(follow=True, incident="none"), Budgets().stream("wall"))
    assert await anext(followed) == b": ping\n\n"
    await station.log("watchdog.canary")
    assert await anext(followed) == b": ping\n\n", "an entry of somebody else is silence, too"
    closing.set()
    assert [event async for event in followed] == []
