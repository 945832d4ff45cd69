"""Paths that need neither broker, phone provider nor store: a dead-man's switch, and a webhook for alerts.

The switch (healthchecks.io and its like) is pinged only while everything works, and told of trouble at ``…/fail``; when
nothing comes at all, it is the switch that shouts. So a machine that burnt down is noticed, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import httpx
import structlog

from alarmd import times
from alarmd.clock import Clock
from alarmd.waking import Alarm
from alarmd.watch.figures import WatchFigures
from alarmd.watch.troubles import Notice, Troubles

log = structlog.get_logger()

TIMEOUT_S = 10.0
AGAIN_FIRST_S, AGAIN_MOST_S = 2.0, 60.0
KEPT_MOST = 200
SAYS_MOST = 1_000  # characters of a reason


class Post:
    """Sends small HTTP requests; never raises, never says where to, for the address is a secret.

    Args:
        client: Its timeouts are its own.
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        # a proxy from the environment would be one more party to depend on
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)

    async def send(self, url: str, *, text: str = "", body: dict[str, Any] | None = None) -> str:
        """Post a text or a JSON object; returns what went wrong, or the empty string."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._client.post(url, **({"json": body} if body is not None else {"content": text}))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return type(error).__name__
        return "" if answer.status_code < HTTPStatus.MULTIPLE_CHOICES else f"HTTP {answer.status_code}"

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class DeadMan:
    """Pings the switch while everything works, and its ``/fail`` while not.

    Args:
        url: Where to; a secret.
        every: Seconds between two pings.
        ready: None while alarmd can do its work, else a sentence.
        troubles: Each of them is told of at once.
        post: The way outside.
        clock: Paces it.
        figures: Who counts.
    """

    def __init__(
        self,
        *,
        url: str,
        every: float,
        ready: Callable[[], Awaitable[str | None]],
        troubles: Troubles,
        post: Post,
        clock: Clock,
        figures: WatchFigures,
    ) -> None:
        self._url = url.rstrip("/")
        self._every = every
        self._ready = ready
        self._troubles = troubles
        self._post = post
        self._clock = clock
        self._figures = figures
        self._alarm = Alarm(clock)
        self._problem = ""
        troubles.listen(lambda _: self._alarm.wake())

    async def run(self) -> None:
        """Ping until cancelled."""
        while True:
            await self.ping()
            await self._alarm.until(None, at_most=self._every)

    async def ping(self) -> None:
        """Say how it is, once."""
        fault = "; ".join(notice.text for notice in self._troubles.now()) or await self._ready()
        if fault is None:
            problem = await self._post.send(self._url)
        else:
            problem = await self._post.send(f"{self._url}/fail", text=fault[:SAYS_MOST])
        self._figures.pinged("well" if fault is None else "fail", arrived=not problem)
        if problem and problem != self._problem:
            log.error("the switch outside is not reached; it will think alarmd dead", problem=problem)
        self._problem = problem


class Alerts:
    """Tells a webhook of each trouble, and of its end; what does not arrive is sent again.

    Args:
        url: Where to; a secret.
        service: Who speaks: the address of this alarmd.
        troubles: What is told.
        post: The way outside.
        clock: Paces it.
        figures: Who counts.
    """

    def __init__(
        self, *, url: str, service: str, troubles: Troubles, post: Post, clock: Clock, figures: WatchFigures
    ) -> None:
        self._url = url
        self._service = service
        self._post = post
        self._clock = clock
        self._figures = figures
        self._alarm = Alarm(clock)
        self._waiting: deque[Notice] = deque(maxlen=KEPT_MOST)
        troubles.listen(self._add)

    def _add(self, notice: Notice) -> None:
        self._waiting.append(notice)
        self._alarm.wake()

    async def run(self) -> None:
        """Send until cancelled."""
        pause = AGAIN_FIRST_S
        while True:
            if await self.send():
                pause = AGAIN_FIRST_S
                await self._alarm.until(None, at_most=AGAIN_MOST_S)
            else:
                await self._clock.sleep(pause)
                pause = min(pause * 2, AGAIN_MOST_S)

    async def send(self) -> bool:
        """Send what waits, the oldest first; False as soon as one does not arrive."""
        while self._waiting:
            notice = self._waiting[0]
            problem = await self._post.send(self._url, body=self._body(notice))
            self._figures.alerted(arrived=not problem)
            if problem:
                log.error("the alert webhook is not reached", problem=problem, what=notice.silence.value)
                return False
            if self._waiting and self._waiting[0] is notice:
                self._waiting.popleft()
        return True

    def _body(self, notice: Notice) -> dict[str, Any]:
        return {
            "service": self._service,
            "what": notice.silence.value,
            "silent": notice.began,
            "at": times.to_text(notice.at),
            "text": notice.text,
            "data": notice.data,
        }
