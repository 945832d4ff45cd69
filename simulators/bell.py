"""Waiting for a condition without polling: whoever changes something rings the bell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    """Wakes those who wait for a condition, each time something changed."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Say that something changed."""
        for sleeper in tuple(self._waiting):
            if not sleeper.done():
                sleeper.set_result(None)

    async def until(self, condition: Callable[[], T]) -> T:
        """Wait until the condition yields something true, and return that."""
        while not (found := condition()):
            sleeper = asyncio.get_running_loop().create_future()
            self._waiting.add(sleeper)
            try:
                await sleeper
            finally:
                self._waiting.discard(sleeper)
        return found
