"""A watchdog with a defect is started anew, and yet ends when alarmd does: one did not, once."""

from __future__ import annotations

import asyncio

import pytest

from alarmd.watch.tower import guarded
from tests.support.door import until
from tests.support.stopped_clock import StandingClock, StoppedClock
from tests.support.watching import Cage, Watching


async def test_one_that_breaks_is_started_anew() -> None:
    runs = 0

    async def breaks_once() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ValueError("Invalid port number.")
        await asyncio.Event().wait()

    task = asyncio.create_task(guarded("canary", breaks_once, StoppedClock()))
    await until(lambda: runs > 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_one_that_breaks_while_it_is_stopped_ends() -> None:
    waits = asyncio.Event()

    async def breaks_at_the_end() -> None:
        try:
            waits.set()
            await asyncio.Event().wait()
        finally:
            raise ValueError("Invalid port number.")

    task = asyncio.create_task(guarded("canary", breaks_at_the_end, StandingClock()))
    await waits.wait()
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert task.cancelled()


async def test_a_canary_whose_door_is_gone_ends_when_it_is_stopped(watched: Watching) -> None:
    cage, pressed = Cage(watched), asyncio.Event()

    async def gone(_topic: str, _payload: bytes) -> bool:
        pressed.set()
        raise ValueError("Invalid port number.")

    cage.canary._press["door"] = gone

    async def sings() -> None:
        await cage.canary.sing()

    task = asyncio.create_task(guarded("canary", sings, StandingClock()))
    await pressed.wait()
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert task.cancelled()
