"""When people are on duty, worked out beforehand and looked up: the one owner of the table ``duty_rota``.

At a press only `Stored` is asked: one row for each on-call text, and a search among its numbers. What is not there, or
ends before the moment asked for, counts as on duty. Commands, for which nobody waits at a door, ask `Fresh`, which has
what is missing or out of date unfolded within bounds.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec

from alarmd.directory import calendar_file
from alarmd.directory.unfolding import Unfold, calendar_path
from alarmd.store import Row, Transaction
from config.holidaybook import holidays
from config.settings import Settings
from config.wording import said
from escalation.on_call import ALWAYS, CALENDAR, UNKNOWN, Duty, Remark, Rota, is_inline

DutyAt = Callable[[str, datetime], Duty]
"""From an on-call text and an instant to whether its people are on duty."""

_MADE_BY = "1"  # changed with what unfolds, so that everything is unfolded anew
_REMARKS = msgspec.json.Decoder(tuple[Remark, ...])


class Text(msgspec.Struct, frozen=True):
    """An on-call text, one of the people who have it, and how many there are."""

    on_call: str
    one: str
    people: int


class Known(msgspec.Struct, frozen=True):
    """What a stored rota was made from, and how far it reaches."""

    stamp: str
    since: int
    until: int
    readable: bool


def key(on_call: str, settings: Settings) -> str:
    """Under which name the rota of an on-call text is stored; another zone or country makes it another one."""
    text = f"{settings.zone.key}\x00{settings.service.country}\x00{on_call}"
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


class Stamps:
    """What each rota is to be made from: as long as its stamp is the same, it need not be made anew.

    Args:
        settings: Where calendars and lists of holidays are; the lists are read once.

    Raises:
        SettingsError: A list of holidays is faulty.
    """

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folder
        lists = msgspec.json.encode(holidays(settings.service.country, settings.path))
        self._lists = hashlib.sha256(lists).hexdigest()[:16]

    def of(self, on_call: str) -> str:
        """The stamp of an on-call text now."""
        path = calendar_path(on_call, self._folder)
        file = calendar_file.stamp(path) if path else ""
        return f"{_MADE_BY} {sys.version_info[1]} {self._lists} {file}"


def put(tx: Transaction, on_call: str, rota: Rota, stamp: str, settings: Settings) -> None:
    """Keep a rota, in place of the one that is there."""
    tx.run(
        "duty_put",
        key=key(on_call, settings),
        stamp=stamp,
        since=rota.since,
        until=rota.until,
        readable=rota.readable,
        starts=_packed(rota.starts),
        ends=_packed(rota.ends),
        remarks=msgspec.json.encode(rota.remarks).decode(),
    )


def forget(tx: Transaction, key_: str) -> None:
    """Let go of a rota whose on-call text nobody has any more."""
    tx.run("duty_forget", key=key_)


def get(tx: Transaction, on_call: str, settings: Settings) -> tuple[Rota, str] | None:
    """The stored rota of an on-call text and its stamp; None where there is none."""
    row = tx.one("duty_get", key=key(on_call, settings))
    return (_rota(row, remarks=True), row["stamp"]) if row else None


def texts(tx: Transaction) -> list[Text]:
    """Every on-call text that somebody has."""
    return [Text(row["on_call"], row["one"], row["people"]) for row in tx.each("duty_texts")]


def known(tx: Transaction) -> dict[str, Known]:
    """What is stored, by key."""
    return {
        row["key"]: Known(row["stamp"], row["since"], row["until"], bool(row["readable"]))
        for row in tx.each("duty_known")
    }


def spoken(on_call: str, remarks: Iterable[Remark]) -> Iterator[str]:
    """What is to be said of an on-call text, in the reader's language; of a calendar with the file's name."""
    named = on_call.startswith(CALENDAR) and not is_inline(on_call)
    for remark in remarks:
        sentence = said(remark.sentence, **remark.facts)
        yield f"{on_call}: {sentence}" if named and "file" not in remark.facts else sentence


class Stored:
    """What is stored, asked within one transaction: each text is looked up once.

    Args:
        tx: The transaction.
        settings: The service's.
    """

    def __init__(self, tx: Transaction, settings: Settings) -> None:
        self._tx = tx
        self._settings = settings
        self._rotas: dict[str, Rota | None] = {}

    def __call__(self, on_call: str, at: datetime) -> Duty:
        """Whether somebody with that text is on duty then."""
        if not on_call.strip():
            return ALWAYS
        if on_call not in self._rotas:
            row = self._tx.one("duty_get", key=key(on_call, self._settings))
            self._rotas[on_call] = _rota(row, remarks=False) if row else None
        rota = self._rotas[on_call]
        return rota.duty(at) if rota is not None else UNKNOWN


class Fresh:
    """What is stored where it is up to date and reaches so far; else unfolded now.

    Args:
        tx: A transaction that reads.
        settings: The service's.
        unfold: Within bounds; its answers are kept as long as this is.

    Raises:
        SettingsError: A list of holidays is faulty.
    """

    def __init__(self, tx: Transaction, settings: Settings, unfold: Unfold) -> None:
        self._tx = tx
        self._settings = settings
        self._unfold = unfold
        self._stamps = Stamps(settings)
        self._rotas: dict[str, Rota] = {}

    def __call__(self, on_call: str, at: datetime) -> Duty:
        """Whether somebody with that text is on duty then."""
        return self.rota(on_call, at).duty(at) if on_call.strip() else ALWAYS

    def rota(self, on_call: str, at: datetime) -> Rota:
        """The rota around an instant, with what is to be said of it."""
        rota = self._rotas.get(on_call)
        if rota is None or not rota.covers(at):
            stored = get(self._tx, on_call, self._settings)
            if stored and stored[0].covers(at) and stored[1] == self._stamps.of(on_call):
                rota = stored[0]
            else:
                rota = self._unfold(on_call, at)
            self._rotas[on_call] = rota
        return rota


class Book:
    """The rotas of what is being imported: unfolded while the rows are checked, kept when the rows are written.

    Args:
        settings: The service's.
        unfold: Within bounds.
        at: The present.

    Raises:
        SettingsError: A list of holidays is faulty.
    """

    def __init__(self, settings: Settings, unfold: Unfold, at: datetime) -> None:
        self._settings = settings
        self._unfold = unfold
        self._at = at
        self._stamps = Stamps(settings)
        self._made: dict[str, tuple[Rota, str]] = {}

    def rota(self, on_call: str) -> Rota:
        """The rota of an on-call text, with what is to be said of it."""
        if on_call not in self._made:
            stamp = self._stamps.of(on_call)  # before: should the file change meanwhile, it is unfolded again
            self._made[on_call] = (self._unfold(on_call, self._at), stamp)
        return self._made[on_call][0]

    def keep(self, tx: Transaction) -> None:
        """Write what was unfolded."""
        for on_call, (rota, stamp) in self._made.items():
            put(tx, on_call, rota, stamp, self._settings)


def _packed(numbers: object) -> bytes:
    packed = array("q", numbers)  # type: ignore[call-overload] # any iterable of numbers; the stubs want a list
    if sys.byteorder == "big":
        packed.byteswap()
    return bytes(packed)


def _rota(row: Row, *, remarks: bool) -> Rota:
    return Rota(
        since=row["since"],
        until=row["until"],
        starts=_unpacked(row["starts"]),
        ends=_unpacked(row["ends"]),
        readable=bool(row["readable"]),
        remarks=_REMARKS.decode(row["remarks"]) if remarks else (),
    )


def _unpacked(packed: bytes) -> array[int]:
    numbers = array("q")
    numbers.frombytes(packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
