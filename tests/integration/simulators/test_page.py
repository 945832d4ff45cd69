"""The demo page's server, without a browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from simulators.page import Show, build
from simulators.page.app import FILES
from simulators.serving import Serving


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    show = Show()
    serving = Serving(build(show))
    await serving.start()
    async with httpx.AsyncClient(base_url=serving.url, trust_env=False) as found:
        yield found
    await show.close()
    await serving.stop()


async def test_it_serves_its_files_and_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in FILES:
        answer = await client.get(path)
        assert answer.status_code == 200
        assert "'self'" in answer.headers["content-security-policy"]
        assert "https://" not in answer.text


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"do": "press"}, "no play runs"),
        ({"do": "begin", "scenario": "../secret"}, "there is no scenario"),
        ({"do": "begin", "language": "xx"}, "is not spoken here"),
        ({"do": "begin", "speed": "fast"}, "could not convert"),
    ],
)
async def test_it_says_what_cannot_be_done(client: httpx.AsyncClient, wish: dict[str, str], sentence: str) -> None:
    answer = await client.post("/act", json=wish)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


async def test_it_takes_no_orders_from_other_sites(client: httpx.AsyncClient) -> None:
    assert (await client.post("/act", content=json.dumps({"do": "press"}))).status_code == 415
    broken = await client.post("/act", content="[", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400


async def test_it_shows_the_home_the_phones_and_the_ambulance(client: httpx.AsyncClient) -> None:
    begun = await client.post("/act", json={"do": "begin", "language": "en", "speed": 20})
    assert begun.json() == {"done": True}
    async with client.stream("GET", "/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                picture = json.loads(line.removeprefix("data:"))
                break
    assert picture["home"]["name"] == "Mary Collins"
    assert {phone["id"] for phone in picture["phones"]} >= {"neighbour", "nurse", "line", "circle:street"}
    assert picture["ambulance"]["where"] == "standing_by"
    wrong = await client.post("/act", json={"do": "answer", "who": "neighbour"})
    assert "is not on the phone" in wrong.json()["error"]
    stranger = await client.post("/act", json={"do": "answer", "who": "mayor"})
    assert "nobody is called" in stranger.json()["error"]
