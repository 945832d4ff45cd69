"""A door on loopback for every test, with a taker the test commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from alarmd.clock import SystemClock
from alarmd.door.limits import Limits
from alarmd.door.server import Door
from alarmd.door.stats import ClientEvent
from alarmd.door.users import Users
from tests.support.door import OpenDoor
from tests.support.mqtt import Keeper


@pytest.fixture
async def keeper() -> Keeper:
    """Keeps at once, until the test sets `holding`."""
    return Keeper()


@pytest.fixture
async def open_door(keeper: Keeper) -> AsyncIterator[OpenDoor]:
    async with AsyncExitStack() as stack:

        async def opening(
            *,
            limits: Limits | None = None,
            users: Users | None = None,
            tls_cert: Path | None = None,
            tls_key: Path | None = None,
            on_client: Callable[[ClientEvent], None] | None = None,
        ) -> Door:
            door = Door(
                taker=keeper,
                clock=SystemClock(),
                host="127.0.0.1",
                port=0,
                tls_cert=tls_cert,
                tls_key=tls_key,
                users=users,
                limits=limits,
                on_client=on_client,
            )
            await door.start()

            async def close() -> None:
                keeper.keep_all()
                await door.stop()

            stack.push_async_callback(close)
            return door

        yield opening


@pytest.fixture
async def door(open_door: OpenDoor) -> Door:
    """A door with ordinary limits and no users."""
    return await open_door()
