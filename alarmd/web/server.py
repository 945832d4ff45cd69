"""uvicorn inside the daemon's own event loop: the daemon starts it, stops it and keeps the signals to itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Generator, Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI

from alarmd.entrance import Entrance
from alarmd.web.doorway import Doorway, GuardedProtocol
from alarmd.web.headers import WithHeaders
from alarmd.web.hosts import Hosts, OnlyByItsNames
from alarmd.web.listening import WebError, bind, where

MOST = 512
"""Connections at once; the daemon gives it fewer where there are few descriptors."""
BACKLOG = 256
SIGNED = "/phone/"  # webhooks: who may ask there, a signature says
DRAIN_S = 3  # how long answers under way may take once the daemon stops; streams are told to end at once


class _Server(uvicorn.Server):
    """uvicorn without hands on the process's signals, and with connections that are counted when they are accepted.

    SIGTERM belongs to the daemon, which stops its parts in order.

    Args:
        config: uvicorn's.
        most: How many connections there may be.
    """

    def __init__(self, config: uvicorn.Config, most: int) -> None:
        super().__init__(config)
        self._most = most
        self._entrance: Entrance | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen through an entrance of our own instead of asyncio's server."""
        await self.lifespan.startup()
        self.servers: list[asyncio.Server] = []

        def protocol() -> GuardedProtocol:
            return GuardedProtocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

        doorway = Doorway(self._most, protocol)
        self._entrance = Entrance(sockets or [], doorway.take, doorway.make_room, backlog=BACKLOG)
        self._entrance.open()
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody in any more, and let answers under way finish."""
        if self._entrance is not None:
            self._entrance.close()
        await super().shutdown(sockets)


class WebServer:
    """Serves one application on one address.

    Args:
        app: Its ``state.closing`` (an event, where there is one) is set at the stop, so that endless answers end; what
            its ``state.at_the_end`` holds is awaited after the last answer.
        host: Address to listen on.
        port: 0 = any free one; see `port` after the start.
        log: Where start and stop are told.
        listener: A socket that listens there already; None = it is made at the start.
        names: Further names under which it may be asked (`alarmd.web.hosts`).
        proxies: Who may say for whom they ask (``X-Forwarded-For``): addresses and networks. Nobody else is believed.
        most: How many connections there may be.
    """

    def __init__(
        self,
        app: FastAPI,
        host: str,
        port: int,
        log: Any,
        *,
        listener: socket.socket | None = None,
        names: Sequence[str] = (),
        proxies: Sequence[str] = (),
        most: int = MOST,
    ) -> None:
        self._most = most
        self._app = app
        self._host = host
        self._wanted = port
        self._log = log
        self._listener = listener
        self._hosts = Hosts(host, names)
        self._proxies = list(proxies)
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = port

    async def start(self) -> None:
        """Listen; returns when requests are answered.

        Raises:
            WebError: The address cannot be listened on.
        """
        listener = self._listener or bind(self._host, self._wanted)
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            WithHeaders(OnlyByItsNames(self._app, self._hosts, signed=SIGNED)),
            http=GuardedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,  # alarmd.logging decides what is printed
            access_log=False,  # addresses of callbacks and pages carry secrets
            server_header=False,
            # Said outright: of itself uvicorn believes every program on this machine, and what the environment says.
            proxy_headers=bool(self._proxies),
            forwarded_allow_ips=self._proxies,
            timeout_graceful_shutdown=DRAIN_S,
        )
        self._server = _Server(config, self._most)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name="web-server")
        while not self._server.started:  # uvicorn has no way to await its start
            if self._task.done():
                await self._task
                raise WebError(f"{where(self._host, self.port)}: the web server ended while it started")
            await asyncio.sleep(0)
        self._log.info("web server listens", address=where(self._host, self.port))

    async def stop(self) -> None:
        """Let answers under way finish, then close. Stopping twice, or before the start, does nothing."""
        if self._server is None or self._task is None:
            return
        closing = getattr(self._app.state, "closing", None)
        if closing is not None:
            closing.set()
        self._server.should_exit = True
        await self._task
        self._server = self._task = None
        for call in getattr(self._app.state, "at_the_end", ()):
            await call()
        self._log.info("web server stopped")
