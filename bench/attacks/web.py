"""Attacks on the web side: readers without end, floods of strangers, forged webhooks, a desk that never stops."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import httpx

from alarmd import journal
from alarmd.clock import SystemClock
from alarmd.store import writing
from bench.attacks.door import meanwhile
from bench.attacks.shape import Attack, Target, attack

WALL = "the-token-of-a-wall-display-3f9c27d1"
DESK = "the-token-of-a-night-desk-81e5b04a6c"
TOKENS = "".join(
    f'\n[[web.tokens]]\nname = "{name}"\nrole = "{role}"\ntoken = "{token}"\n'
    for name, role, token in (("wall", "read", WALL), ("night desk", "operator", DESK))
)
WARM_UP_S = 2.0
_Ask = Callable[[httpx.AsyncClient], Coroutine[Any, Any, object]]


def _client(target: Target, token: str = "") -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(base_url=target.web, headers=headers, limits=limits, timeout=30, trust_env=False)


async def _again(client: httpx.AsyncClient, ask: _Ask) -> None:
    """Over and over, whatever comes of it."""
    while True:
        with contextlib.suppress(httpx.HTTPError):
            await ask(client)
        await asyncio.sleep(0)


async def _drained(client: httpx.AsyncClient, path: str, **params: Any) -> None:
    """Read an answer to its end, at full speed."""
    async with client.stream("GET", path, params=params) as answer:
        async for _ in answer.aiter_raw():
            pass


def _long_log(target: Target, entries: int) -> None:
    """A log of a few weeks: who reads it reads a lot."""
    now = SystemClock().now()
    with writing(f"sqlite:///{target.folder}/alarmd.db") as tx:
        for number in range(entries):
            data = {"path": "door", "number": number, "words": "a line of a few weeks ago " * 8}
            journal.append(tx, now, journal.Entry(event="traffic.back", data=data))


@attack("readers of the log", number=8, more=TOKENS)
async def readers(target: Target) -> AsyncIterator[None]:
    """Sixteen who read the whole log again and again, one of them for what is never found."""
    await asyncio.to_thread(_long_log, target, target.part_of(30_000))
    async with _client(target, WALL) as client:
        whole = [_again(client, lambda one: _drained(one, "/api/v1/log")) for _ in range(12)]
        rare = [_again(client, lambda one: _drained(one, "/api/v1/log", resident="nobody")) for _ in range(4)]
        async with meanwhile(*whole, *rare):
            await asyncio.sleep(WARM_UP_S)
            yield


@attack("followers of the log", number=8, more=TOKENS)
async def followers(target: Target) -> AsyncIterator[None]:
    """Four hundred who follow, and come again when they are sent away."""
    async with _client(target, WALL) as client, _client(target, DESK) as other:
        ask = [
            _again(who, lambda one: _drained(one, "/api/v1/log", follow=True))
            for who in itertools.chain.from_iterable((client, other) for _ in range(target.part_of(200)))
        ]
        async with meanwhile(*ask):
            await asyncio.sleep(WARM_UP_S)
            yield


@attack("lists and records without end", number=8, more=TOKENS)
async def lists(target: Target) -> AsyncIterator[None]:
    """Forty at once ask for every incident and for record after record."""
    numbers = itertools.count()
    async with _client(target, WALL) as client:
        everything = [
            _again(client, lambda one: one.get("/api/v1/incidents", params={"all": True, "limit": 1000}))
            for _ in range(20)
        ]
        records = [_again(client, lambda one: one.get(f"/api/v1/residents/r{next(numbers) % 500}")) for _ in range(20)]
        async with meanwhile(*everything, *records):
            await asyncio.sleep(WARM_UP_S)
            yield


@attack("a desk that never stops acting", number=10, more=TOKENS)
async def acting(target: Target) -> AsyncIterator[None]:
    """Twenty at once put notes on an incident, as fast as they can."""
    async with _client(target, DESK) as client:
        found = (await client.get("/api/v1/incidents")).json()
        note = {"by": "Ma Li", "text": "once more " * 150}
        path = f"/api/v1/incidents/{found[0]['id']}/note"
        async with meanwhile(*(_again(client, lambda one: one.post(path, json=note)) for _ in range(20))):
            await asyncio.sleep(WARM_UP_S)
            yield


@attack("strangers at the pages", number=12)
async def strangers(target: Target) -> AsyncIterator[None]:
    """A hundred connections that guess tokens and ask for whatever needs none."""
    open_pages = ("/", "/readyz", "/healthz", "/metrics", "/api/v1/openapi.json", "/nowhere")
    async with _client(target, "a-guess-of-a-token-that-is-wrong") as client:
        asked = itertools.cycle((*open_pages, "/api/v1/incidents", "/api/v1/log"))
        ask = [_again(client, lambda one: one.get(next(asked))) for _ in range(target.part_of(100))]
        async with meanwhile(*ask):
            await asyncio.sleep(WARM_UP_S)
            yield


@attack("forged webhooks", number=1)
async def webhooks(target: Target) -> AsyncIterator[None]:
    """Fifty connections that post what nobody signed, with long paths of what might be an address of mail."""
    path = "/phone/twilio/voice/" + "_at_" * 2_000
    form = {"Digits": "1", "Body": "_at_" * 12_000}
    headers = {"X-Twilio-Signature": "c2lnbmF0dXJl"}
    async with _client(target) as client:
        ask = [
            _again(client, lambda one: one.post(path, data=form, headers=headers)) for _ in range(target.part_of(50))
        ]
        async with meanwhile(*ask):
            await asyncio.sleep(WARM_UP_S)
            yield


ATTACKS: Final[tuple[Attack, ...]] = (readers, followers, lists, acting, strangers, webhooks)
