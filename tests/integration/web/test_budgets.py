"""Each token has its share, and strangers who ask too often are answered slowly; the right ones never."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from alarmd.token_bucket import Bucket
from alarmd.web import budgets as shares
from alarmd.web import unhurried
from alarmd.web.budgets import Addresses, Budgets
from alarmd.web.errors import ApiError
from alarmd.web.together import Together
from tests.support.door import until
from tests.support.station import READ_TOKEN, Station


def test_a_bucket_fills_as_time_passes_and_no_further() -> None:
    now = 0.0
    bucket = Bucket(10, 20, lambda: now)
    bucket.spend(20)
    assert bucket.wait() == 0
    bucket.spend(5)
    assert bucket.wait() == pytest.approx(0.5)
    now = 0.5
    assert bucket.wait() == 0
    now = 1000.0
    bucket.spend(30)
    assert bucket.wait() == pytest.approx(1)


async def test_the_log_has_few_readers_of_one_token_and_others_find_room(
    station: Station, operator: httpx.AsyncClient
) -> None:
    budgets: Budgets = station.app.state.budgets
    held = [budgets.stream("wall") for _ in range(shares.STREAMS)]
    wall = {"Authorization": f"Bearer {READ_TOKEN}"}
    refused = await operator.get("/api/v1/log", headers=wall)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_much")
    assert int(refused.headers["retry-after"]) >= 1
    assert (await operator.get("/api/v1/log")).status_code == 200
    held.pop().close()
    assert (await operator.get("/api/v1/log", headers=wall)).status_code == 200


async def test_a_reader_who_goes_away_leaves_its_place(station: Station, operator: httpx.AsyncClient) -> None:
    budgets: Budgets = station.app.state.budgets
    for _ in range(shares.STREAMS * 3):
        async with operator.stream("GET", "/api/v1/log", params={"follow": True}) as answer:
            assert answer.status_code == 200
        await until(lambda: not budgets._streams)
    assert budgets._account("this machine").streams == 0


async def test_in_all_there_are_not_more_than_the_loop_can_serve() -> None:
    budgets = Budgets()
    for i in range(shares.STREAMS_IN_ALL):
        budgets.stream(f"token {i}")
    with pytest.raises(ApiError):
        budgets.stream("another")


async def test_who_reads_more_than_its_share_is_told_when_to_come_again(station: Station) -> None:
    now = 0.0
    budgets = Budgets(lambda: now)
    async with budgets.reading("wall") as cost:
        cost(shares.ROWS_AT_ONCE + 10 * shares.ROWS_A_SECOND)
    with pytest.raises(ApiError) as refused:
        async with budgets.reading("wall"):
            pass
    assert refused.value.headers == {"Retry-After": "10"}
    async with budgets.reading("desk"):
        pass
    now = 11.0
    async with budgets.reading("wall"):
        pass


async def test_people_are_never_too_fast_and_programs_are_bounded() -> None:
    now = 0.0
    budgets = Budgets(lambda: now)
    for _ in range(int(shares.ACTS_AT_ONCE)):
        budgets.act("desk")
    budgets.act("desk")
    with pytest.raises(ApiError):
        budgets.act("desk")
    now = 1.0
    budgets.act("desk")


async def test_one_tokens_requests_are_read_one_after_another(station: Station) -> None:
    budgets = Budgets()
    inside = 0

    async def reads() -> None:
        nonlocal inside
        async with budgets.reading("wall"):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(reads() for _ in range(shares.IN_LINE)))
    async with budgets.reading("wall"):
        waiting = [asyncio.create_task(reads()) for _ in range(shares.IN_LINE)]
        await until(lambda: any(task.done() for task in waiting))
        assert sum(task.done() for task in waiting) == 1, "the line is full"
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(one, ApiError) for one in found) == 1


class _Asked(Addresses):
    """Says that everybody has asked for too many."""

    def __init__(self) -> None:
        super().__init__(1, 1)
        self.addresses: list[str] = []

    def answered(self, address: str) -> float:
        self.addresses.append(address)
        return 100.0


@pytest.mark.parametrize(
    ("path", "status", "slowly"),
    [
        ("/api/v1/incidents", 200, False),
        ("/phone/twilio/sms", 200, False),
        ("/phone/twilio/gather/x", 500, False),
        ("/api/v1/incidents", 401, True),
        ("/phone/twilio/sms", 403, True),
        ("/nowhere", 404, True),
        ("/readyz", 200, True),
        ("/readyz", 503, True),
        ("/api/v1/openapi.json", 200, True),
    ],
)
async def test_refusals_come_slowly_to_who_asks_for_many_and_right_answers_at_once(
    monkeypatch: pytest.MonkeyPatch, path: str, status: int, *, slowly: bool
) -> None:
    monkeypatch.setattr(unhurried, "LONGEST_S", 0.2)
    asked = _Asked()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=status)(scope, receive, send)

    transport = httpx.ASGITransport(app=unhurried.Unhurried(answer, asked), client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        begun = time.monotonic()
        assert (await client.get(path)).status_code == status
        took = time.monotonic() - begun
    assert asked.addresses == (["203.0.113.9"] if slowly else [])
    if slowly:
        assert took >= 0.2


async def test_a_household_of_ipv6_is_one_address() -> None:
    addresses = Addresses(1, 2, lambda: 0.0)
    waits = [addresses.answered(unhurried._peer({"client": (f"2001:db8:0:1::{i:x}", 1)})) for i in range(1, 5)]
    assert waits == [0, 0, 1, 2]
    assert addresses.answered(unhurried._peer({"client": ("2001:db8:0:2::1", 1)})) == 0


async def test_what_many_ask_for_at_once_is_made_once_and_never_before_it_was_asked_for() -> None:
    made = 0
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def make() -> int:
        nonlocal made
        made += 1
        mine = made
        begun.set()
        await go_on.wait()
        return mine

    together = Together(make)
    first = asyncio.create_task(together.get())
    await begun.wait()
    others = [asyncio.create_task(together.get()) for _ in range(100)]  # they ask before the first has its answer
    go_on.set()
    assert await first == 1
    assert set(await asyncio.gather(*others)) == {2}
    assert await together.get() == 3
