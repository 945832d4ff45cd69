"""The page's server: a handful of files, a stream of what can be seen, and one address to act."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from simulators.page.show import Show, UnknownActError

HERE = Path(__file__).parent
FILES = {
    "/": "index.html",
    "/style.css": "style.css",
    "/page.js": "page.js",
    "/phones.js": "phones.js",
    "/scene.js": "scene.js",
    "/words.js": "words.js",
}
AT_MOST_EVERY = 0.1  # seconds on the wall between two pictures
AT_LEAST_EVERY = 1.0  # so that clock and ambulance move
HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'self'; img-src 'self' data:"}
UNSUPPORTED, BAD = 415, 400


def build(show: Show) -> Starlette:
    """The web application of one show."""
    files = [Route(path, _file(name)) for path, name in FILES.items()]
    return Starlette(
        routes=[
            *files,
            Route("/events", partial(_events, show)),
            Route("/act", partial(_act, show), methods=["POST"]),
        ]
    )


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def send(_: Request) -> Response:
        return FileResponse(HERE / name, headers=HEADERS)

    return send


async def _events(show: Show, _: Request) -> Response:
    return StreamingResponse(_pictures(show), media_type="text/event-stream", headers=HEADERS)


async def _act(show: Show, request: Request) -> Response:
    # Only JSON: a page of another site cannot send that to this port without being asked first.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return JSONResponse({"error": "send JSON"}, status_code=UNSUPPORTED)
    try:
        await show.act(msgspec.json.decode(await request.body(), type=dict[str, Any]))
    except (msgspec.MsgspecError, UnknownActError) as error:
        return JSONResponse({"error": str(error)}, status_code=BAD)
    return JSONResponse({"done": True})


async def _pictures(show: Show) -> AsyncIterator[str]:
    while not show.closed:
        seen = show.version
        yield f"data: {json.dumps(show.snapshot(), ensure_ascii=False)}\n\n"
        await asyncio.sleep(AT_MOST_EVERY)
        try:
            async with asyncio.timeout(AT_LEAST_EVERY):
                await show.changed.until(partial(_differs, show, seen))
        except TimeoutError:
            continue


def _differs(show: Show, seen: int) -> bool:
    return show.version != seen
