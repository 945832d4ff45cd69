"""Futures of messages that wait to be kept: the acknowledgement of each waits for its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

AT_ONCE = 64
"""Futures that are resolved in one turn of the loop."""


def done() -> asyncio.Future[None]:
    """Nothing to wait for."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


def pending() -> asyncio.Future[None]:
    """For what is not kept yet."""
    return asyncio.get_running_loop().create_future()


def resolve(future: asyncio.Future[None], error: BaseException | None) -> None:
    """Say what became of it, unless that is said already."""
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def resolve_in_steps(waiting: list[asyncio.Future[None]], error: BaseException | None) -> None:
    """Say so to all of them, some in each turn of the loop: those who wait have something to do then."""
    for future in waiting[:AT_ONCE]:
        resolve(future, error)
    if len(waiting) > AT_ONCE:
        asyncio.get_running_loop().call_soon(resolve_in_steps, waiting[AT_ONCE:], error)


def follow(taken: asyncio.Future[None], waiting: asyncio.Future[None]) -> None:
    """End ``waiting`` as ``taken`` ends."""
    taken.add_done_callback(lambda done: resolve(waiting, None if done.cancelled() else done.exception()))


def all_of(parts: Sequence[asyncio.Future[None]]) -> asyncio.Future[None]:
    """Done once all parts of a message are kept; fails with the first that is not."""
    if len(parts) == 1:
        return parts[0]
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = len(parts)

    def ended(part: asyncio.Future[None]) -> None:
        nonlocal left
        left -= 1
        error = asyncio.CancelledError() if part.cancelled() else part.exception()
        if error is not None or not left:
            resolve(future, error)

    for part in parts:
        part.add_done_callback(ended)
    if not parts:
        future.set_result(None)
    return future


def is_kept(taken: asyncio.Future[None]) -> bool:
    """Whether it is on disk."""
    return not taken.cancelled() and taken.exception() is None
