"""Standard streams that never end a command: what a terminal cannot show is replaced, a closed pipe is an end."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper


def forgive() -> None:
    """Let stdout and stderr replace what their encoding does not know (GBK has no emoji, ASCII no Chinese)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # In the form of an escape, so that nothing is lost for whoever has to read it all the same.
            unicode = stream.encoding.lower().replace("-", "").startswith("utf")
            stream.reconfigure(errors="backslashreplace" if unicode else "replace")


@contextlib.contextmanager
def ended_quietly() -> Iterator[None]:
    """What is still to be written at the end goes nowhere once the other end of the pipe is closed (`| head`)."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would flush once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
