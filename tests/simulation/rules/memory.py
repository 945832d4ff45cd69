"""What alarmd remembers: it changes only after the commit, lies in no future, and is there before the first message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from alarmd import times
from tests.simulation.eyes import Eyes, Rule
from tests.simulation.watch import SET_RIGHT

SLACK = timedelta(seconds=2)
_DECIDES = "alarmd.intake."
_REMEMBERS = (_DECIDES, "escalation.whereabouts", "alarmd.hanging_up", "alarmd.supervision", "alarmd.outbox")
_MAY_LIE_AHEAD = {"due", "_watched"}  # when something is to happen
_IS_OF_THE_FUTURE = timedelta(minutes=31)  # nothing that is due is put off for longer
_HOLDS_A_TIME = re.compile(r"(?:^|_)(?:at|since|until|seen|value)$")
# Every column of the schema whose name says that it holds a time is looked at, but for these.
ON_RECORD = {
    "journal.at": "the log is what the clock showed, and is never changed",
    "signal.received_at": "the same: when a message came, by the clock of then",
    "incident.opened_at": "the same: its texts and pages count from it, and never below nothing",
    "incident.closed_at": "the same",
    "outbox.changed_at": "the same: when its provider said something of it last",
    "exposure.noticed_at": "the same: when it was found",
    "exposure.until": "the same: when it was over",
    "wrong_code.rung_at": "bounded where it is used: one that lies ahead holds no call back",
}
MEANT_TO_LIE_AHEAD = {  # and by how much at the most
    "incident.due_at": timedelta(minutes=61),
    "outbox.due_at": timedelta(minutes=10),
    "outbox.turn_at": timedelta(minutes=31),
    "sender_pace.next_at": timedelta(minutes=31),
    "incident_behind.until": timedelta(minutes=31),
    "device_proof.test_until": timedelta(minutes=15),
    "engagement.until": timedelta(days=2),
}
WHILE_IT_IS = {"outbox.turn_at": "due_at IS NOT NULL"}  # waiting: of what went out nobody asks whose turn it was
_COLUMNS = "SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"


def columns_of_time(rows: Iterable[Any]) -> list[str]:
    """Of all columns of a schema those that hold a time, ``table.column``."""
    named = (f"{row['t']}.{row['c']}" for row in rows if _HOLDS_A_TIME.search(row["c"]))
    return sorted(set(named) - set(ON_RECORD))


class MemoryFollowsTheCommit(Rule):
    """What decides about keeping never moves inside a transaction: that may yet fail, and come again."""

    name = "memory that decides about keeping changes only after the commit"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        eyes.machine.disk.on_work = self._works

    def _works(self) -> Callable[[], None]:
        alarmd = self.eyes.machine.running
        if alarmd is None:
            return lambda: None
        before = _remembered(alarmd.intake)

        def worked() -> None:
            after = _remembered(alarmd.intake)
            if before != after:
                moved = next((part for part, was in before.items() if after.get(part) != was), "something new")
                self.eyes.wrong(self.name, moved, about=moved)

        return worked


def _remembered(intake: Any) -> dict[str, list[object]]:
    """Of each part of it every value, one after the other."""
    found: dict[str, list[object]] = {}
    for name in _names(intake):
        if name not in _NO_MEMORY:
            _digest(getattr(intake, name, None), found.setdefault(name, []), 1)
    return found


def _digest(what: Any, out: list[object], deep: int) -> None:
    """Every value of alarmd's memory, without following into what is not memory. It is asked often, and so is quick."""
    cls = type(what)
    if cls in _PLAIN:
        out.append(what)
    elif isinstance(what, dict):
        for key, value in what.items():
            out.append(str(key))
            _digest(value, out, deep + 1)
    elif isinstance(what, tuple | list | set | frozenset) and not hasattr(what, "_fields"):
        out.append(len(what))
        for value in what:
            _digest(value, out, deep + 1)
    elif cls.__module__.startswith(_DECIDES):
        if deep < _DEEP:
            for name in _names(what):
                if name not in _NO_MEMORY:
                    _digest(getattr(what, name, None), out, deep + 1)
    else:
        out.append(repr(what) if isinstance(what, tuple(_PLAIN)) else cls.__name__)


_PLAIN = frozenset({str, int, float, bool, datetime, timedelta, type(None)})
_DEEP = 8
_NO_MEMORY = {
    "_attempts",  # what was worked on when the process died: meant to be known whether or not that was committed
    "counts",
    "_store",
    "_engine",
    "_clock",
    "_kept",
    "_took",
    "_receipt",
    "_reader",
    "_listeners",
    "_supervision",
}


def _names(what: Any) -> list[str]:
    cls: Any = type(what)
    return [*_slots(cls), *getattr(what, "__dict__", ())]


@cache
def _slots(cls: Any) -> tuple[str, ...]:
    return tuple(name for kind in cls.__mro__ for name in getattr(kind, "__slots__", ()))


class NoTimeLiesAhead(Rule):
    """A clock that was wrong and is right again leaves nothing behind that lies in a future."""

    name = "no time in the store or in memory lies ahead of now"

    def looks(self) -> None:
        alarmd, machine = self.eyes.machine.running, self.eyes.machine
        if alarmd is None or min(machine.able_for, self.eyes.now - machine.leaped_at) <= SET_RIGHT:
            return
        now = machine.clock.now()
        self._store(now)
        for where, moment in _moments((alarmd.intake, alarmd.hang_ups, alarmd.supervision, alarmd.outbox), "", 0):
            ahead = moment - now
            due = where.rpartition(".")[2] in _MAY_LIE_AHEAD
            if ahead > (_IS_OF_THE_FUTURE if due else SLACK):
                self.eyes.wrong(self.name, f"{where} lies {ahead} ahead", about=where)
        fleet = alarmd.supervision.fleet
        for number in range(len(fleet)):
            ahead = timedelta(seconds=fleet.seen_at(number) - now.timestamp())
            if ahead > SLACK:
                self.eyes.wrong(self.name, f"{fleet.name(number)} was seen {ahead} ahead", about="fleet")

    def _store(self, now: datetime) -> None:
        for what in columns_of_time(self.eyes.machine.disk.query(_COLUMNS)):
            bound = times.to_text(now + MEANT_TO_LIE_AHEAD.get(what, timedelta(0)) + SLACK)
            table, _, column = what.partition(".")
            used = WHILE_IT_IS.get(what, "TRUE")
            query = f"SELECT {column} AS moment FROM {table} WHERE {column} > ? AND {column} GLOB '2*T*Z' AND {used}"  # noqa: S608 - ours
            for row in self.eyes.machine.disk.query(query, bound):
                self.eyes.wrong(self.name, f"{what} is {row['moment']}", about=what)


def _moments(what: Any, where: str, deep: int) -> Iterator[tuple[str, datetime]]:
    if isinstance(what, datetime):
        yield where, what
    elif isinstance(what, dict):
        for value in (*what.values(), *what):
            yield from _moments(value, where, deep + 1)
    elif isinstance(what, tuple | list | set | frozenset):
        for value in what:
            yield from _moments(value, where, deep + 1)
    elif deep < _DEEP and (type(what).__module__.startswith(_REMEMBERS)):
        for name in _names(what):
            if name not in _NO_MEMORY:
                yield from _moments(getattr(what, name, None), f"{where}.{name}", deep + 1)


class KnowsItsSettings(Rule):
    """Which door is open by night is known before the first door is opened."""

    name = "a started daemon knows its settings before its first message"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        eyes.machine.on_message.append(self._message)

    def _message(self) -> None:
        alarmd = self.eyes.machine.running
        if alarmd is None:
            return
        set_ = alarmd.supervision.setting("alarmd", "door-1")
        if set_.night is None:
            self.eyes.wrong(self.name, f"a message {self.eyes.now - self.eyes.machine.up_at:.1f} s after the start")
