"""An HTTP server on a loopback port, inside the running event loop; it can go down and come back on the same port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from alarmd.web.headers import WithHeaders
from alarmd.web.hosts import Hosts, OnlyByItsNames


def free_port() -> int:
    """A loopback port that is free now, for an address that others must know before anything listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Server(uvicorn.Server):
    """Leaves the process's signals to those who own the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Serving:
    """Serves one ASGI app, to who asks for this machine: a page of another site gets no answer.

    Args:
        app: What is served.
        host: Where; loopback unless somebody wants otherwise.
        port: 0 for one that is free; kept over `stop` and `start`.
    """

    def __init__(self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._app = app
        self._host = host
        self.port = port
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The base address, without a slash at the end."""
        return f"http://{self._host}:{self.port}"

    async def start(self) -> None:
        """Listen; returns once connections are taken.

        Raises:
            OSError: The port is taken.
        """
        listener = socket.create_server((self._host, self.port))
        self.port = int(listener.getsockname()[1])
        config = uvicorn.Config(
            WithHeaders(OnlyByItsNames(self._app, Hosts(self._host))),
            log_config=None,
            log_level="critical",
            lifespan="off",
            ws="none",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name=f"serving :{self.port}")
        while not self._server.started:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """Close the port: from now on connections are refused."""
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        self._server.force_exit = True
        await self._task
        self._server = self._task = None
