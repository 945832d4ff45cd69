"""An HTTP server by hand, on a free port of the loopback, that answers as badly as a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, list[str]] = field(default_factory=dict)


Answer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RoughServer:
    """Where it listens, and all it was asked."""

    url: str
    asked: list[Asked]
    connections: int = 0


@contextlib.asynccontextmanager
async def rough_server(answer: Answer) -> AsyncIterator[RoughServer]:
    """Serve until the end of the block; ``answer`` writes raw bytes, hangs or closes."""
    server = RoughServer("", [])
    handlers: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        server.connections += 1
        try:
            while (asked := await _read(reader)) is not None and not writer.is_closing():
                server.asked.append(asked)
                await answer(asked, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            handlers.discard(task)
            writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        for task in list(handlers):
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, parse_qs(body.decode(), keep_blank_values=True))


async def send(writer: asyncio.StreamWriter, status: int, body: object, headers: str = "") -> None:
    """Write a whole answer; a str goes as it is, anything else as JSON."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    length = f"Content-Length: {len(content)}\r\n"
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{length}{headers}\r\n"
    writer.write(head.encode() + content)
    await writer.drain()
