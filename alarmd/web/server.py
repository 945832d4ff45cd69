"""uvicorn inside the daemon's own event loop: the daemon starts it, stops it and keeps the signals to itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Generator, Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI

from alarmd.web.headers import WithHeaders
from alarmd.web.hosts import Hosts, OnlyByItsNames
from alarmd.web.listening import WebError, bind, where

SIGNED = "/phone/"  # webhooks: who may ask there, a signature says
DRAIN_S = 3  # how long answers under way may take once the daemon stops; streams are told to end at once


class _Server(uvicorn.Server):
    """uvicorn without hands on the process's signals: SIGTERM belongs to the daemon, which stops its parts in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


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
    ) -> None:
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
            http="h11",
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
        self._server = _Server(config)
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
