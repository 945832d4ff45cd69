"""The process that unfolds calendars and opening hours: orders in, rotas out, by lines (`unfolding.Unfolder`)."""

from __future__ import annotations

import os
import resource
import signal
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from alarmd.directory import calendar_file
from alarmd.directory.calendar_file import CalendarFileError
from config.wording import for_later
from escalation.holidays import Holidays
from escalation.on_call import Remark, Rota
from escalation.rota import Task, unfolded, unreadable

_POLITE = 10  # presses come first
_MOST_SHIFTS = 20_000
_CANNOT = for_later("cannot be worked out ({why}); counted as on duty")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is told first."""

    zone: str
    country: str
    holidays: Holidays | None
    cpu_s: float
    memory: int
    polite: bool


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One text to be unfolded; ``file`` is that of its calendar, which the process reads itself."""

    on_call: str
    since: datetime
    until: datetime
    file: str = ""


def main() -> None:
    """Answer each order until there are no more; the kernel ends what takes more than its bounds."""
    setting = msgspec.json.decode(sys.stdin.buffer.readline(), type=Setting)
    if setting.polite:
        os.nice(_POLITE)
    resource.setrlimit(resource.RLIMIT_AS, (setting.memory, setting.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the command's, and closes our input
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    for line in iter(sys.stdin.buffer.readline, b""):
        signal.setitimer(signal.ITIMER_PROF, setting.cpu_s)
        rota = _rota(msgspec.json.decode(line, type=Order), setting)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(msgspec.json.encode(rota) + b"\n")
        sys.stdout.buffer.flush()


def _rota(order: Order, setting: Setting) -> Rota:
    task = Task(on_call=order.on_call, since=order.since, until=order.until)
    try:
        text = calendar_file.read(Path(order.file)) if order.file else None
    except CalendarFileError as error:
        return unreadable(task, Remark(sentence=error.sentence, facts=error.facts, refused=True))
    task = msgspec.structs.replace(task, calendar=text)
    try:
        rota = unfolded(task, zone=ZoneInfo(setting.zone), country=setting.country, holidays=setting.holidays)
    except Exception as error:  # noqa: BLE001 - what foreign text makes of libraries nobody can list; on duty, and told
        return unreadable(task, Remark(sentence=_CANNOT, facts={"why": type(error).__name__}, refused=True))
    if len(rota.starts) > _MOST_SHIFTS:
        sys.exit(1)
    return rota


if __name__ == "__main__":
    main()
