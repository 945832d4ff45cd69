"""Calendars and opening hours unfolded in a process of its own, which may be ended.

A calendar is a text that somebody else wrote. Some never end (a rule that matches no day), some take minutes, some take
all memory; a thread that works on one cannot be stopped, a process can. It is bounded by the kernel: so much processor
time for each text, so much memory; and by a clock on the wall, should it wait for something. What cannot be unfolded
within its bounds counts as on duty, and is said.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Self

import msgspec

from alarmd.directory.unfolding_process import Order, Setting
from config.holidaybook import holidays
from config.settings import Settings
from config.wording import for_later
from escalation.on_call import CALENDAR, Remark, Rota, is_inline
from escalation.rota import Task, unfolded, unreadable

CPU_S = 6.0
"""Processor time for one text: three thousand shifts to come take two seconds."""

WALL_S = 120.0
MEMORY = 1 << 30
"""Bytes of address space: some 300 MB of them are Python and its libraries before the first calendar is read."""

BEFORE, AHEAD = timedelta(days=2), timedelta(days=42)
"""How far around a moment shifts are unfolded: for the thirty days in which gaps are looked for, and some to spare."""

Unfold = Callable[[str, datetime], Rota]
"""From an on-call text, and the moment it is wanted for, to the rota around it."""

_TOO_LONG = Remark(
    sentence=for_later("takes too long or too much memory to work out; counted as on duty"), refused=True
)


class Unfolder:
    """A process that unfolds, started when it is first needed, and again after one that had to be ended.

    Not for two threads at once; but `close` may be called from another, and ends whatever is under way.

    Args:
        settings: Zone, country, holidays, and the folder that calendars' paths hang on.
        cpu_s: Processor seconds for one text.
        budget_s: Seconds on the wall for all texts together; None = no such bound. For a command somebody waits for.
        polite: Whether everything else on the machine comes first; for the daemon, where nobody waits for it.

    Raises:
        SettingsError: A list of holidays is faulty.
    """

    def __init__(
        self, settings: Settings, *, cpu_s: float = CPU_S, budget_s: float | None = None, polite: bool = False
    ) -> None:
        self._folder = settings.folder
        self._setting = Setting(
            zone=settings.zone.key,
            country=settings.service.country,
            holidays=holidays(settings.service.country, settings.path),
            cpu_s=cpu_s,
            memory=MEMORY,
            polite=polite,
        )
        self._ends_at = None if budget_s is None else time.monotonic() + budget_s
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process. Closing twice does nothing."""
        self._closed = True
        self._end()

    def rota(self, on_call: str, at: datetime) -> Rota:
        """The rota around a moment. It always comes back, within bounds, and never raises for what the text holds."""
        order = Order(
            on_call=on_call, since=at - BEFORE, until=at + AHEAD, file=str(calendar_path(on_call, self._folder) or "")
        )
        answer = self._ask(msgspec.json.encode(order))
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(answer, type=Rota)
        self._end()
        return unreadable(Task(on_call=on_call, since=order.since, until=order.until), _TOO_LONG)

    def _ask(self, order: bytes) -> bytes:
        wall = WALL_S if self._ends_at is None else min(WALL_S, self._ends_at - time.monotonic())
        if wall <= 0 or self._closed:
            return b""
        try:
            process = self._started()
        except OSError:  # no memory, or no more processes
            return b""
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(wall, process.kill)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(order + b"\n")
            process.stdin.flush()
            return process.stdout.readline()
        except (OSError, ValueError):  # it has ended; a ValueError: closed meanwhile
            return b""
        finally:
            timer.cancel()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "alarmd.directory.unfolding_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert self._process.stdin is not None
            with suppress(OSError):
                self._process.stdin.write(msgspec.json.encode(self._setting) + b"\n")
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def here(settings: Settings) -> Unfold:
    """Opening hours unfolded in this process: for what ships with alarmd, such as the demo's people."""
    lists = holidays(settings.service.country, settings.path)

    def unfold(on_call: str, at: datetime) -> Rota:
        task = Task(on_call=on_call, since=at - BEFORE, until=at + AHEAD)
        if on_call.startswith(CALENDAR):
            return unreadable(task, _TOO_LONG)
        return unfolded(task, zone=settings.zone, country=settings.service.country, holidays=lists)

    return unfold


def calendar_path(on_call: str, folder: Path) -> Path | None:
    """The file an on-call text names, below the settings' folder; None for opening hours and inline calendars."""
    if not on_call.startswith(CALENDAR) or is_inline(on_call):
        return None
    return folder / on_call.removeprefix(CALENDAR).strip()
