"""Connections to the web server: each phase of a request has its time, and those that ask for nothing make room."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest
import structlog
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from alarmd.web import doorway
from alarmd.web.server import WebServer
from alarmd.web.unhurried import Unhurried
from tests.support.door import until

PATIENCE = 10.0
Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def endless() -> StreamingResponse:
    async def lines() -> AsyncIterator[bytes]:
        while True:
            yield b"." * 100_000
            await asyncio.sleep(0)

    return StreamingResponse(lines())


def app() -> FastAPI:
    made = FastAPI()

    @made.get("/")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    @made.post("/body")
    async def body(said: dict[str, str]) -> dict[str, str]:
        return said

    made.add_api_route("/endless", endless)
    return made


@pytest.fixture
async def server(time_passes: Callable[[float], None]) -> AsyncIterator[WebServer]:
    # stopped before time is put right again: what it waits for would be far off
    made = WebServer(app(), "127.0.0.1", 0, structlog.get_logger(), most=5)
    await made.start()
    yield made
    await made.stop()


async def opened(server: WebServer, say: bytes = b"") -> Opened:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(say)
    return reader, writer


async def answer(server: WebServer) -> bytes:
    reader, writer = await opened(server, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        said = await reader.read()
    writer.close()
    return said


async def is_cut(one: Opened) -> None:
    async with asyncio.timeout(PATIENCE):
        try:
            while await one[0].read(1 << 20):
                pass
        except ConnectionResetError:
            pass
    one[1].close()


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"GET / HTTP/1.1\r\nX-A: ",
        b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
        b"POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT",
    ],
    ids=["nothing", "half a head", "half a body", "half of the chunks", "half of a second request"],
)
async def test_it_cuts_who_does_not_go_on(server: WebServer, says: bytes, time_passes: Callable[[float], None]) -> None:
    one = await opened(server, says)
    await answer(server)  # by then the other was heard, too
    time_passes(doorway.BODY_S + 1)
    await is_cut(one)
    assert b"world" in await answer(server)


async def test_it_cuts_who_does_not_read_the_answer(server: WebServer, time_passes: Callable[[float], None]) -> None:
    one = await opened(server, b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await one[0].read(10)
    one[1].transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads too
    assert server._server is not None
    connections = server._server.server_state.connections
    await until(lambda: any(one._stall for one in connections if isinstance(one, doorway.GuardedProtocol)))
    time_passes(doorway.STALL_S + 1)
    await answer(server)
    one[1].transport.resume_reading()  # type: ignore[attr-defined] # a stream's transport reads too
    await is_cut(one)


async def test_those_who_ask_for_nothing_make_room(server: WebServer) -> None:
    idle = [await opened(server) for _ in range(20)]
    assert b"world" in await answer(server)
    await is_cut(idle[0])
    for _, writer in idle[1:]:
        writer.close()


async def test_who_is_being_answered_is_not_cut_for_another(server: WebServer) -> None:
    busy = [await opened(server, b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(5)]
    for reader, _ in busy:
        await reader.read(10)
    await is_cut(await opened(server))
    for reader, writer in busy:
        assert await reader.read(10)
        writer.transport.abort()


async def test_of_those_who_hang_up_before_they_are_read_some_are_answered(
    time_passes: Callable[[float], None],
) -> None:
    """Each was there with a whole request; a provider that waited in vain for a stopped machine is among the first."""
    made, asked = FastAPI(), 0

    @made.post("/text")
    async def text() -> None:
        nonlocal asked
        asked += 1

    server = WebServer(made, "127.0.0.1", 0, structlog.get_logger(), most=500)
    await server.start()
    request = b"POST /text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"

    def ask_and_hang_up() -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as one:
            one.sendall(request)

    try:
        for _ in range(3):
            for _ in range(50):  # while the loop stands still, so that each is gone before it is accepted
                ask_and_hang_up()
            reader, writer = await opened(server, request.replace(b"Length: 0", b"Length: 0\r\nConnection: close"))
            async with asyncio.timeout(PATIENCE):
                assert b"200 OK" in await reader.read()
            writer.close()
        assert asked - 3 == pytest.approx(doorway.GONE_AT_ONCE, abs=2)
        before = asked
        time_passes(2 * doorway.GONE_AT_ONCE / doorway.GONE_A_SECOND)
        ask_and_hang_up()
        await until(lambda: asked == before + 1)
    finally:
        await server.stop()


@pytest.mark.parametrize(("path", "is_cut_for_others"), [("/api/v1/openapi.json", True), ("/mine", False)])
async def test_what_everybody_may_see_makes_room(
    time_passes: Callable[[float], None], path: str, *, is_cut_for_others: bool
) -> None:
    """Hundreds ask for an open page and read nothing: a signed request is answered all the same."""
    made = app()

    made.add_api_route(path, endless)
    made.add_middleware(Unhurried)
    server = WebServer(made, "127.0.0.1", 0, structlog.get_logger(), most=5)
    await server.start()
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    crowd = [await opened(server, request) for _ in range(5)]
    for reader, writer in crowd:
        writer.transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads too
        assert not reader.at_eof()
    assert server._server is not None
    connections = server._server.server_state.connections
    await until(lambda: sum(bool(one._stall) for one in connections if isinstance(one, doorway.GuardedProtocol)) == 5)
    if is_cut_for_others:
        assert b"world" in await answer(server)
    else:
        await is_cut(await opened(server))
    for _, writer in crowd:
        writer.transport.abort()
    await server.stop()
