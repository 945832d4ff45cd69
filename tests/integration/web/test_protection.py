"""What every answer says to a browser, under which names alarmd may be asked, and whom it believes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI, Request

from alarmd.web.headers import ALWAYS
from alarmd.web.hosts import Hosts, own_names
from alarmd.web.server import WebServer
from tests.support.station import Station

PATHS = [
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
    "/api/v1/openapi.json",
    "/api/v1/incidents",
    "/nowhere",
]
PATIENCE = 10.0
ENGLISH = {"Accept-Language": "en"}


async def _raw(port: int, text: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    answer = (await reader.read(400)).decode()
    writer.close()
    return answer


@pytest.fixture
async def broken(tmp_path: Path) -> AsyncIterator[Station]:
    router = APIRouter()

    @router.get("/broken")
    async def broken_() -> None:
        raise RuntimeError("a defect")

    async with Station(tmp_path, routers=(router,)) as station:
        yield station


async def test_every_answer_has_the_headers_refusals_and_defects_too(broken: Station) -> None:
    async with httpx.AsyncClient(base_url=broken.url, headers=ENGLISH, trust_env=False) as client:
        answers = [await client.get(path) for path in [*PATHS, "/broken"]]
        answers.append(await client.post("/api/v1/incidents/x/note", content=b"x" * 70_000))
        answers.append(await client.get("/", headers={"Host": "evil.example"}))
        answers.append(await client.request("BREW", "/"))
    assert {answer.status_code for answer in answers} >= {200, 401, 404, 405, 413, 421, 500}
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store", answer.url
        assert answer.headers["x-content-type-options"] == "nosniff", answer.url
        assert answer.headers["x-frame-options"] == "DENY", answer.url
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], answer.url
        assert answer.headers["referrer-policy"] == "no-referrer", answer.url


@pytest.mark.parametrize(
    "said",
    [
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: " + "x" * 70_000,
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: nine\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_with_the_headers_too(broken: Station, said: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", broken.server.port)
    writer.write(said.encode())
    async with asyncio.timeout(PATIENCE):
        answer = (await reader.read()).decode().lower()
    writer.close()
    assert answer.startswith("http/1.1 400 ")
    for name, value in ALWAYS.items():
        assert f"\r\n{name}: {value}\r\n".lower() in answer


async def test_what_is_no_http_any_more_while_it_is_answered_is_cut_without_a_fault(
    broken: Station, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", broken.server.port)
    writer.write(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        assert b" 404 " in await reader.readuntil(b"\r\n")
        writer.write(b"no length\r\n")
        await reader.read()
    writer.close()
    assert not [record for record in caplog.records if record.name == "asyncio"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "x" * 10_000]
)
@pytest.mark.parametrize("path", PATHS)
async def test_it_answers_no_page_that_another_site_has_brought_here(
    station: Station, stranger: httpx.AsyncClient, path: str, host: str
) -> None:
    answer = await stranger.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "unknown_host"


async def test_it_answers_under_the_names_it_has(station: Station, stranger: httpx.AsyncClient) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]", "127.8.8.8"):
        assert (await stranger.get("/healthz", headers={"Host": host})).status_code == 200, host
    old = await _raw(station.server.port, "GET /healthz HTTP/1.0\r\n\r\n")
    assert " 200 " in old, "who sends no name is no browser"


def test_on_every_address_each_address_will_do_and_no_name_that_nobody_gave() -> None:
    everywhere = Hosts("0.0.0.0", ("alarm.example.org",))
    assert everywhere.know("192.0.2.7:8080")
    assert everywhere.know("[2001:db8::1]:8080")
    assert everywhere.know("Alarm.Example.org.")
    assert not everywhere.know("evil.example")
    one = Hosts("192.0.2.7")
    assert one.know("192.0.2.7")
    assert one.know("127.0.0.1")
    assert not one.know("192.0.2.8")
    assert Hosts("::").know("[2001:db8::1]:8080")
    assert not Hosts("::1").know("[2001:db8::1]")


NO_NAMES = [
    "[127.0.0.1].evil.example",
    "[::1].evil.example",
    "[::1]evil.example",
    "[::1",
    "[127.0.0.1]",
    "[fe80::1%25eth0]",
    "localhost:80.evil.example",
    "localhost:80:80",
    "localhost:99999",
    "localhost:-1",
    "localhost:８０",
    "localhost..",
    ".localhost",
    "local..host",
    "localhost/",
    "localhost#.evil.example",
    "localhost evil.example",
    "localhost,evil.example",
    "localhost@evil.example",
    "user@localhost",
    "user:pass@localhost",
    "::1",
    "local\thost",
]


@pytest.mark.parametrize("host", NO_NAMES)
async def test_what_is_no_name_of_a_machine_is_refused(station: Station, host: str) -> None:
    text = f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert " 400 " in (await _raw(station.server.port, text)).split("\r\n")[0]
    assert not Hosts("0.0.0.0", ("localhost",)).know(host)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost", 400),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example", 400),
        ("GET /healthz HTTP/1.0\r\nHost: localhost\r\nHost: evil.example", 400),
        ("GET http://localhost/healthz HTTP/1.1\r\nHost: localhost", 200),
        ("GET http://localhost:1/healthz?a=b HTTP/1.1\r\nHost: evil.example", 200),  # the target stands above it
        ("GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost", 421),
        ("GET HTTPS://evil.example/phone/x HTTP/1.1\r\nHost: localhost", 404),  # signed, and there is none
        ("GET http://user@localhost/healthz HTTP/1.1\r\nHost: localhost", 400),
        ("GET http:///healthz HTTP/1.1\r\nHost: localhost", 400),
        ("GET http://localhost HTTP/1.1\r\nHost: localhost", 200),
        ("GET /healthz HTTP/1.1\r\nHost: localhost.", 200),
        ("GET /healthz HTTP/1.1\r\nHost: localhost:", 200),
        ("GET /healthz HTTP/1.1\r\nHost: [0:0:0:0:0:0:0:1]:80", 200),
        ("GET /healthz HTTP/1.1\r\nHost: 2130706433", 421),
        ("GET /healthz HTTP/1.1\r\nHost: 127.1", 421),
        ("GET /healthz HTTP/1.1\r\nHost: localhost.evil.example", 421),
    ],
)
async def test_only_one_whole_name_decides(station: Station, request_: str, status: int) -> None:
    answer = await _raw(station.server.port, f"{request_}\r\nConnection: close\r\n\r\n")
    assert f" {status} " in answer.split("\r\n")[0]


async def _asked_for(proxies: tuple[str, ...]) -> str:
    app = FastAPI()
    seen: list[str] = []

    @app.get("/")
    async def who(request: Request) -> str:
        seen.append(request.client.host if request.client else "")
        return ""

    server = WebServer(app, "127.0.0.1", 0, structlog.get_logger(), proxies=proxies)
    await server.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.get(f"http://127.0.0.1:{server.port}/", headers={"X-Forwarded-For": "203.0.113.9"})
    await server.stop()
    return seen[0]


async def test_only_a_proxy_that_was_named_says_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert await _asked_for(()) == "127.0.0.1"
    assert await _asked_for(("10.0.0.0/8",)) == "127.0.0.1"
    assert await _asked_for(("127.0.0.0/8",)) == "203.0.113.9"
    assert await _asked_for(("127.0.0.1",)) == "203.0.113.9"


async def test_its_own_name_is_one_of_its_names() -> None:
    assert own_names() == [socket.gethostname()]


EDGES = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59.999999Z",
]


@pytest.mark.parametrize("moment", EDGES)
@pytest.mark.parametrize("accept", ["", "text/event-stream"])
async def test_no_moment_breaks_the_log(
    station: Station, operator: httpx.AsyncClient, moment: str, accept: str
) -> None:
    await station.press()
    async with operator.stream(
        "GET", "/api/v1/log", params={"since": moment, "limit": 2}, headers={"Accept": accept}
    ) as answer:
        assert answer.status_code == 200
        if not accept:
            lines = [line async for line in answer.aiter_lines()]
            assert len(lines) == (2 if moment.startswith("0001") else 0)


@pytest.mark.parametrize("moment", ["0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "x", "1e308", "-1e308", "9" * 400])
async def test_what_is_no_moment_is_a_sentence(station: Station, operator: httpx.AsyncClient, moment: str) -> None:
    answer = await operator.get("/api/v1/log", params={"since": moment})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "unreadable"
