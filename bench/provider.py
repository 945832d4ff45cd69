"""A phone provider that takes everything at once and notes when it came: the bare end of the way of a press."""

from __future__ import annotations

import asyncio
import itertools
from time import perf_counter
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

ANYBODY = ""
ACCOUNT = "AC" + "b" * 32


class Provider:
    """Answers each request of the Twilio SDK with the least it reads; used with ``async with``.

    Attributes:
        came: When the first request for a number came, by `perf_counter`.
    """

    def __init__(self) -> None:
        self.came: dict[str, float] = {}
        self.url = ""
        self._sids = itertools.count()
        self._waiting: dict[str, asyncio.Event] = {}
        self._server: asyncio.Server | None = None

    async def until_asked(self, number: str) -> float:
        """Wait for the first request for a number; when it came."""
        if number not in self.came:
            await self._waiting.setdefault(number, asyncio.Event()).wait()
        return self.came[number]

    async def until_somebody_is_asked(self) -> float:
        """Wait for the first request of all; when it came."""
        if not self.came:
            await self._waiting.setdefault(ANYBODY, asyncio.Event()).wait()
        return min(self.came.values())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                came = perf_counter()
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0
                )
                form = parse_qs((await reader.readexactly(length)).decode())
                for number in form.get("To", []):
                    self.came.setdefault(number, came)
                    for awaited in (number, ANYBODY):
                        self._waiting.setdefault(awaited, asyncio.Event()).set()
                body = b'{"sid":"SM%032x","status":"active","direction":"outbound-api"}' % next(self._sids)
                writer.write(
                    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                    + body
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    def settings(self) -> str:
        """What goes into ``alarmd.toml``, without any pace that would hide alarmd's own."""
        return (
            f'[[phone]]\naccount_sid = "{ACCOUNT}"\nauth_token = "bench"\nnumbers = ["+441174960800"]\n'
            f'api_base = "{self.url}"\ncalls_per_second = 10000\nmessages_per_second = 10000\n'
        )
