"""`alarmd`, that is killed with -9 at a commit point once it is told to.

``python -m tests.support.killing POINT N WHAT alarmd …``: SIGUSR1 arms it; the n-th passing of the point from then
on is its last. Where WHAT is ``presses``, only commits in which a message is kept are counted.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from functools import partial
from typing import Any

from alarmd.cli import main as alarmd
from alarmd.intake.keeping import Keeper, Kept
from alarmd.store import Store
from alarmd.store.sqlite import CommitPoint

ANY, PRESSES = "any", "presses"


def killing(point: CommitPoint, nth: int, what: str = ANY) -> tuple[str, ...]:
    """What is put before the command, so that it dies there."""
    return (sys.executable, "-m", "tests.support.killing", point.value, str(nth), what)


def arm(pid: int) -> None:
    """Tell it that its time has come."""
    os.kill(pid, signal.SIGUSR1)


def main() -> None:
    """Be `alarmd`, with a fatal commit point."""
    fatal, nth, what = CommitPoint(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    passed = itertools.count(1)
    armed: list[bool] = []
    keeps: list[bool] = []  # in the transaction of this moment
    signal.signal(signal.SIGUSR1, lambda *_: armed.append(True))
    keep = Keeper.keep

    def passing(point: CommitPoint) -> None:
        counts = what == ANY or bool(keeps) or point is CommitPoint.BEFORE_BEGIN
        if armed and point is fatal and counts and next(passed) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        if point is CommitPoint.BEFORE_BEGIN:
            keeps.clear()

    def keeping(*args: Any, **named: Any) -> list[Kept]:
        keeps.append(True)
        return keep(*args, **named)

    Keeper.keep = keeping  # type: ignore[method-assign]  # this process has only this one
    Store.open = partial(Store.open, passing=passing)  # type: ignore[method-assign]  # this process has only this one
    sys.argv = sys.argv[4:]
    alarmd()


if __name__ == "__main__":
    main()
