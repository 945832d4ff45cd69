from __future__ import annotations

import asyncio
import signal
import socket

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI

from alarmd.web.listening import WebError
from alarmd.web.server import WebServer

LOG = structlog.get_logger()


def _app() -> FastAPI:
    app = FastAPI()
    router = APIRouter()

    @router.get("/hello")
    async def hello() -> str:
        return "hello"

    app.include_router(router)
    return app


async def test_it_listens_on_a_free_port_and_stops_when_told() -> None:
    server = WebServer(_app(), "127.0.0.1", 0, LOG)
    await server.start()
    assert server.port > 0
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{server.port}/hello")).json() == "hello"
    await server.stop()
    await server.stop()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


async def test_an_address_in_use_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = WebServer(_app(), "127.0.0.1", port, LOG)
        with pytest.raises(WebError, match=rf"cannot listen on http://127\.0\.0\.1:{port}: .*choose another"):
            await server.start()
        await server.stop()


async def test_it_leaves_the_signals_to_the_daemon() -> None:
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    server = WebServer(_app(), "127.0.0.1", 0, LOG)
    await server.start()
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before
    await server.stop()


async def test_an_answer_under_way_is_finished_before_it_stops() -> None:
    app, asked, go_on = FastAPI(), asyncio.Event(), asyncio.Event()

    @app.get("/slow")
    async def slow() -> str:
        asked.set()
        await go_on.wait()
        return "kept"

    server = WebServer(app, "127.0.0.1", 0, LOG)
    await server.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = asyncio.create_task(client.get(f"http://127.0.0.1:{server.port}/slow"))
        await asked.wait()
        stop = asyncio.create_task(server.stop())
        go_on.set()
        assert (await answer).json() == "kept"
        await stop
