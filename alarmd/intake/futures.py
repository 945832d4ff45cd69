"""Futures of messages that wait to be kept: the acknowledgement of each waits for its own."""

from __future__ import annotations

import asyncio


def done() -> asyncio.Future[None]:
    """Nothing to wait for."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


def resolve(future: asyncio.Future[None], error: BaseException | None) -> None:
    """Say what became of it, unless that is said already."""
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def follow(taken: asyncio.Future[None], waiting: asyncio.Future[None]) -> None:
    """End ``waiting`` as ``taken`` ends."""
    taken.add_done_callback(lambda done: resolve(waiting, None if done.cancelled() else done.exception()))


def is_kept(taken: asyncio.Future[None]) -> bool:
    """Whether it is on disk."""
    return not taken.cancelled() and taken.exception() is None
