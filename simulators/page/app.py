"""The page's server: a handful of files, a stream of what can be seen, and one address to act."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from alarmd.web.page import ICON
from simulators.bell import Bell
from simulators.page.hands import UnknownActError

HERE = Path(__file__).parent
FILES = {
    "/style.css": "style.css",
    "/page.js": "page.js",
    "/by_hand.js": "by_hand.js",
    "/phones.js": "phones.js",
    "/scene.js": "scene.js",
    "/words.js": "words.js",
}
AT_MOST_EVERY = 0.1  # seconds on the wall between two pictures
AT_LEAST_EVERY = 1.0  # so that clock and ambulance move
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
}
UNSUPPORTED, BAD = 415, 400


class Shown(Protocol):
    """What a page shows, and what it lets a person do."""

    changed: Bell
    version: int
    closed: bool

    def snapshot(self) -> dict[str, Any]:
        """Everything the page shows, as plain JSON."""
        ...

    async def act(self, wish: Mapping[str, Any]) -> None:
        """Do what the page asks for.

        Raises:
            UnknownActError: It cannot be done.
        """
        ...


def routes(shown: Shown, index: str = "index.html", *, below: str = "") -> list[Route]:
    """The addresses of one page.

    Args:
        shown: What it shows.
        index: Its own file.
        below: What stands before each of them: ``/a-secret``, where not everybody may see it who reaches the port.
    """
    files = [Route(below + path, _file(name)) for path, name in {"/": index, **FILES}.items()]
    files.append(Route("/favicon.ico", _icon))
    events = Route(f"{below}/events", partial(_events, shown))
    return [*files, events, Route(f"{below}/act", partial(_act, shown), methods=["POST"])]


def build(shown: Shown) -> Starlette:
    """The web application of the demo's page."""
    return Starlette(routes=routes(shown))


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def send(_: Request) -> Response:
        return FileResponse(HERE / name, headers=HEADERS)

    return send


async def _icon(_: Request) -> Response:
    return Response(ICON, media_type="image/svg+xml", headers=HEADERS)


async def _events(shown: Shown, _: Request) -> Response:
    return StreamingResponse(_pictures(shown), media_type="text/event-stream", headers=HEADERS)


async def _act(shown: Shown, request: Request) -> Response:
    # Only JSON: a page of another site cannot send that to this port without being asked first.
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return JSONResponse({"error": "send JSON"}, status_code=UNSUPPORTED)
    try:
        await shown.act(msgspec.json.decode(await request.body(), type=dict[str, Any]))
    except (msgspec.MsgspecError, UnknownActError) as error:
        return JSONResponse({"error": str(error)}, status_code=BAD)
    return JSONResponse({"done": True})


async def _pictures(shown: Shown) -> AsyncIterator[str]:
    while not shown.closed:
        seen = shown.version
        yield f"data: {json.dumps(shown.snapshot(), ensure_ascii=False)}\n\n"
        await asyncio.sleep(AT_MOST_EVERY)
        try:
            async with asyncio.timeout(AT_LEAST_EVERY):
                await shown.changed.until(partial(_differs, shown, seen))
        except TimeoutError:
            continue


def _differs(shown: Shown, seen: int) -> bool:
    return shown.version != seen
