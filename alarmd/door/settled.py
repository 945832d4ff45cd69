"""Reading a file only once it is written to its end.

`mosquitto_passwd`, and many an editor, empty a file and fill it again: who reads in that moment finds nobody, or half
of them. So a file counts as changed when it looks the same twice, a moment apart, and after it was read as before.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

MOMENT = 0.2
"""Seconds between two looks."""
LOOKS = 25
"""After so many that file is left as it is until the next time: somebody writes it again and again."""
_T = TypeVar("_T")


class Stamp(NamedTuple):
    """By what it is seen that a file has changed; all 0 where there is none."""

    mtime_ns: int
    size: int
    inode: int


def stamp(path: Path) -> Stamp:
    """How that file looks now."""
    try:
        found = os.stat(path)  # noqa: PTH116 - one system call for every login
    except OSError:
        return Stamp(0, 0, 0)
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)


async def read(path: Path, reading: Callable[[], _T], moment: float = MOMENT) -> tuple[Stamp, _T] | None:
    """What `reading` finds in that file, in a thread, and how the file looked; None while somebody writes it still.

    Args:
        path: The file.
        reading: Reads it. Must not raise.
        moment: Seconds between two looks.
    """
    before = stamp(path)
    for _ in range(LOOKS):
        await asyncio.sleep(moment)
        now = stamp(path)
        if now == before:
            found = await asyncio.to_thread(reading)
            now = stamp(path)
            if now == before:
                return now, found
        before = now
    return None
