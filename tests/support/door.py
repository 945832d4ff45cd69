"""The shape of the fixture that opens a door with limits, users or TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from alarmd.door.limits import Limits
from alarmd.door.server import Door
from alarmd.door.stats import ClientEvent
from alarmd.door.users import Users


async def until(true: Callable[[], bool], *, within: float = 10) -> None:
    """Let the loop turn until that is so; ``within`` so many seconds."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - figures have no event; the loop only turns
            await asyncio.sleep(0)


class OpenDoor(Protocol):
    """Opens a door on a free port of loopback; it is closed after the test."""

    def __call__(
        self,
        *,
        limits: Limits | None = None,
        users: Users | None = None,
        tls_cert: Path | None = None,
        tls_key: Path | None = None,
        on_client: Callable[[ClientEvent], None] | None = None,
    ) -> Awaitable[Door]: ...
