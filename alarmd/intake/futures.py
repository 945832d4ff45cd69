"""Futures of messages that wait to be kept: the acknowledgement of each waits for its own."""

from __future__ import annotations

import asyncio

AT_ONCE = 64
"""Futures that are resolved in one turn of the loop."""


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


def resolve_in_steps(waiting: list[asyncio.Future[None]], error: BaseException | None) -> None:
    """Say so to all of them, some in each turn of the loop: whoever waits for one has something to do then."""
    for future in waiting[:AT_ONCE]:
        resolve(future, error)
    if len(waiting) > AT_ONCE:
        asyncio.get_running_loop().call_soon(resolve_in_steps, waiting[AT_ONCE:], error)


def follow(taken: asyncio.Future[None], waiting: asyncio.Future[None]) -> None:
    """End ``waiting`` as ``taken`` ends."""
    taken.add_done_callback(lambda done: resolve(waiting, None if done.cancelled() else done.exception()))


def is_kept(taken: asyncio.Future[None]) -> bool:
    """Whether it is on disk."""
    return not taken.cancelled() and taken.exception() is None
