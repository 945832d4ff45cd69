"""`alarmd`, that is killed with -9 at a commit point once it is told to.

``python -m tests.support.killing POINT N alarmd …``: SIGUSR1 arms it; the n-th passing of the point from then on
is its last.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from functools import partial

from alarmd.cli import main as alarmd
from alarmd.store import Store
from alarmd.store.sqlite import CommitPoint


def killing(point: CommitPoint, nth: int) -> tuple[str, ...]:
    """What is put before the command, so that it dies there."""
    return (sys.executable, "-m", "tests.support.killing", point.value, str(nth))


def arm(pid: int) -> None:
    """Tell it that its time has come."""
    os.kill(pid, signal.SIGUSR1)


def main() -> None:
    """Be `alarmd`, with a fatal commit point."""
    fatal, nth = CommitPoint(sys.argv[1]), int(sys.argv[2])
    passed = itertools.count(1)
    armed: list[bool] = []
    signal.signal(signal.SIGUSR1, lambda *_: armed.append(True))

    def passing(point: CommitPoint) -> None:
        if armed and point is fatal and next(passed) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    Store.open = partial(Store.open, passing=passing)  # type: ignore[method-assign]  # this process has only this one
    sys.argv = sys.argv[3:]
    alarmd()


if __name__ == "__main__":
    main()
