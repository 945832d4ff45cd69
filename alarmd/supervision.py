"""Who is alive: last-seen in memory, written in batches, never on the way of an alarm; and who is silent.

`alarmd.silence.fleet` finds out who is; here it is paced, and put on record in small commits behind every press.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import partial
from typing import NamedTuple, TypeVar

import msgspec
import structlog

from alarmd import times
from alarmd.clock import Clock
from alarmd.engine import Engine
from alarmd.silence.fleet import Fleet
from alarmd.silence.found import Found, Registered
from alarmd.silence.group import Group, Scope
from alarmd.silence.recording import Cause, Named, Recorder
from alarmd.silence.sims import Sims, record, settle
from alarmd.store import Row, Store, StoreError, Transaction
from devices.promises import promised
from devices.setting import WORN_KINDS, Setting, of_kind

log = structlog.get_logger()

T = TypeVar("T")
_UNSET = Setting()
_WORN = Setting(worn=True)
_Settings = dict[tuple[str, str], Setting]  # by family and address

FLUSH_EVERY_S = 5.0
LOOK_EVERY_S = 1.0
LEAPT_S = 30.0  # between two looks; nobody may be called silent because the machine slept
SET_BACK_S = 1.0  # no clock that is only slewed goes back so far between two looks
NEWCOMERS_S = 60.0  # the directory is read every five seconds, and a large one takes some
STRANGERS_MOST = 10_000
ROWS_AT_ONCE = 500  # some milliseconds: a press does not wait behind the last-seen of a whole town (promise 5)
SILENT_AT_ONCE = 100  # each is some rows, and each home by itself opens an incident
DIRECTORY = "directory"  # the note that `alarmd import` leaves


class _Loaded(NamedTuple):
    """The directory, as supervision needs it."""

    fleet: Fleet
    settings: _Settings
    worn: frozenset[tuple[str, str]]
    version: str


class Supervision:
    """Notes signs of life, and their absence.

    Args:
        store: Where they are written.
        clock: Paces it.
        engine: Opens the desk's incidents; without one nobody is called silent.
        connected: Whether the broker is there at all; a hint only.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        engine: Engine | None = None,
        connected: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store = store
        self._clock = clock
        self._engine = engine
        self._recorder = Recorder(engine) if engine is not None else None
        self._sims = Sims(engine.zone if engine is not None else UTC)
        self._connected = connected
        self._looked_at = clock.now().timestamp()
        self._fleet = Fleet(self._looked_at)
        self._loaded = False
        self._known: str | None = None
        self._settings: _Settings = {}
        self._worn: frozenset[tuple[str, str]] = frozenset()
        self._strangers: OrderedDict[tuple[str, str], tuple[float, float | None, str]] = OrderedDict()
        self._listeners: list[Callable[[datetime], None]] = []
        self._set_back: list[Callable[[datetime, timedelta], None]] = []
        self._reread: list[Callable[[], None]] = []

    @property
    def fleet(self) -> Fleet:
        """Everybody, as known now."""
        return self._fleet

    def seen(self, family: str, address: str, at: datetime, battery: float | None, gateway: str = "") -> None:
        """A fresh message came from that device, through that gateway where its family tells."""
        moment = min(
            at, self._clock.now()
        ).timestamp()  # one that waited while the clock was set back came by a later one
        if self._fleet.seen(family, address, moment, battery, gateway):
            return
        if self._loaded:  # a stranger, or one that is being imported at this moment
            self._strangers[family, address] = (moment, battery, gateway)
            self._strangers.move_to_end((family, address))
            if len(self._strangers) > STRANGERS_MOST:
                self._strangers.popitem(last=False)
            return
        self._fleet.note(family, address)
        self._fleet.seen(family, address, moment, battery, gateway)

    def has(self, family: str, address: str) -> bool:
        """Whether that device is registered, as far as is known yet: until the directory is read, every one may be."""
        return self._fleet.has(family, address) or not self._loaded

    @property
    def knows_settings(self) -> bool:
        """Whether what is set for each device is known; until then no message is only a sign of life."""
        return self._loaded or self._engine is None

    def setting(self, family: str, address: str) -> Setting:
        """What is set for a device; most have nothing set."""
        key = (family, address)
        return self._settings.get(key) or (_WORN if key in self._worn else _UNSET)

    def settings(self) -> Iterator[tuple[tuple[str, str], Setting]]:
        """Every device for which something is set: family and address, and what."""
        yield from self._settings.items()

    def on_look(self, listener: Callable[[datetime], None]) -> None:
        """Call ``listener`` with each look, every second or so."""
        self._listeners.append(listener)

    def on_set_back(self, listener: Callable[[datetime, timedelta], None]) -> None:
        """Call ``listener`` with the present and by how much the clock went back, before anything else is looked at."""
        self._set_back.append(listener)

    def on_reread(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when devices and settings were read anew."""
        self._reread.append(listener)

    def hint(self, gateway: str, *, gone: bool) -> None:
        """A last will says that a gateway is gone: no proof, but enough where its devices are overdue, too.

        Its own word that it is there takes that back.
        """
        self._fleet.hint(gateway, gone=gone)

    async def run(self) -> None:
        """Look and write until cancelled; then write once more."""
        flushed_at = self._clock.now().timestamp()
        try:
            while True:
                await self._clock.sleep(LOOK_EVERY_S)
                await self.look()
                if abs(self._looked_at - flushed_at) >= FLUSH_EVERY_S:
                    flushed_at = self._looked_at
                    await self.load()
                    await self.flush()
        finally:
            with contextlib.suppress(StoreError):
                await asyncio.shield(self.flush())

    # ------------------------------------------------------------ who there is

    async def load(self) -> None:
        """Read the registered devices, if the directory changed since the last time."""
        if self._engine is None:
            return
        before, zone = self._fleet, self._engine.zone
        known = self._known if self._loaded else None
        now = self._clock.now()
        try:
            read = await self._store.read(partial(_load, known=known, floor=before.floor, zone=zone, now=now))
        except StoreError as error:
            log.error("devices not read", error=str(error))  # noqa: TRY400 - its text says it all
            return
        if read is None:
            return
        fleet, self._settings, self._worn, self._known = read
        fleet.inherit(before, self._clock.now().timestamp() if self._loaded else 0.0)
        self._fleet, self._loaded = fleet, True
        self._hear_newcomers(now.timestamp() - NEWCOMERS_S)
        self._sims.set(self._settings)
        for listener in self._reread:
            listener()
        await self._write(partial(settle, engine=self._engine, now=self._clock.now()))
        await self._settle_moved()
        log.info("devices are supervised", count=len(fleet))

    def _hear_newcomers(self, since: float) -> None:
        """Who spoke between its import and this reading of it was heard, and may say nothing more for 25 hours."""
        for (family, address), (at, battery, gateway) in self._strangers.items():
            if at >= since:
                self._fleet.seen(family, address, at, battery, gateway)
        self._strangers.clear()

    async def _settle_moved(self) -> None:
        """Silent devices that live elsewhere now are the new home's trouble, and the old one's no longer."""
        assert self._recorder is not None
        try:
            while moved := await self._store.read(_moved):
                if not await self._write(partial(self._recorder.moved, exposures=moved, now=self._clock.now())):
                    break
        except StoreError as error:
            log.error("devices that were moved not read", error=str(error))  # noqa: TRY400 - its text says it all

    # ------------------------------------------------------------ who is silent

    async def look(self) -> None:
        """See who fell silent or came back since the last time, and put it on record."""
        self._notice_a_leap(self._clock.now())
        for listener in self._listeners:
            listener(self._clock.now())
        if self._recorder is None:
            return
        if not self._loaded:
            await self.load()
        now = self._clock.now()
        moment = now.timestamp()
        self._fleet.everything.hinted = not self._connected()
        if found := self._fleet.look(moment):
            await self._record(found, now)
        for ending in self._sims.due(now):
            log.info("SIM cards end", until=str(ending.until), devices=len(ending.devices))
            assert self._engine is not None
            if not await self._write(partial(record, engine=self._engine, ending=ending, now=now)):
                self._sims.look_again()
                break

    def _notice_a_leap(self, now: datetime) -> None:
        moment = now.timestamp()
        by, self._looked_at = moment - self._looked_at, moment
        if not 0.0 <= by <= LEAPT_S:
            log.warning("time leapt: nobody is called silent for one reporting time", by=by)
            self._fleet.listen_from(moment)
        if by <= -SET_BACK_S:
            self._strangers.clear()
            self._sims.look_again()
            for listener in self._set_back:
                listener(now, timedelta(seconds=-by))

    async def _record(self, found: Found, now: datetime) -> None:
        assert self._recorder is not None
        fleet = self._fleet
        for group in found.resumed:
            log.warning("heard again", what=group.subject)
        for some in _parts(found.back, SILENT_AT_ONCE):
            back = [Named(*fleet.name(number), at) for number, at in some]
            if not await self._write(partial(self._recorder.back, devices=back, now=now)):
                fleet.put_back(some)
        for by, numbers in found.silent.items():
            cause = _cause(by)
            log.error("silent", what=cause.scope.value, name=cause.name, devices=len(numbers))
            for each in _parts(numbers, SILENT_AT_ONCE):
                silent = [Named(*fleet.name(number), fleet.unprotected_since(number)) for number in each]
                if not await self._write(partial(self._recorder.silent, cause=cause, devices=silent, now=now)):
                    fleet.look_again(each, now.timestamp())

    async def _write(self, work: Callable[[Transaction], None]) -> bool:
        try:
            await asyncio.shield(self._store.submit(work, behind=True))
        except StoreError as error:
            log.error("silence not on record yet", error=str(error))  # noqa: TRY400 - its text says it all
            return False
        assert self._engine is not None
        self._engine.committed()
        return True

    # ------------------------------------------------------------ last-seen

    async def flush(self) -> None:
        """Write what was noted since the last time."""
        fleet = self._fleet
        fresh = fleet.take_fresh()
        for start in range(0, len(fresh), ROWS_AT_ONCE):
            some = [(*fleet.name(n), fleet.seen_at(n), fleet.battery(n)) for n in fresh[start : start + ROWS_AT_ONCE]]
            try:
                await asyncio.shield(self._store.submit(partial(_touch, some=some), behind=True))
            except StoreError as error:
                fleet.give_back(fresh[start:])
                log.error("signs of life not written", error=str(error))  # noqa: TRY400 - its text says it all
                return


def _parts(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    yield from (whole[start : start + size] for start in range(0, len(whole), size))


def _cause(group: Group | None) -> Cause:
    if group is None:
        return Cause(Scope.HOME)
    return Cause(group.scope, group.subject, group.called)


def _load(tx: Transaction, *, known: str | None, floor: float, zone: tzinfo, now: datetime) -> _Loaded | None:
    row = tx.one("note_get", name=DIRECTORY)
    version = str(row["value"]) if row else ""
    if version == known:
        return None
    settings = {
        (row["family"], row["address"]): of_kind(msgspec.json.decode(row["data"], type=Setting), row["kind"])
        for row in tx.each("device_settings")
    }
    kinds = ";".join(sorted(WORN_KINDS))
    worn = frozenset((row["family"], row["address"]) for row in tx.each("devices_of_kinds", kinds=kinds))
    devices = (
        Registered(
            family=row["family"],
            address=row["address"],
            home=row["resident"],
            street=row["street"],
            promised=promised(row["family"], row["kind"], row["report_every"]),
            seen_at=_heard(row, now),
            in_use_from=_in_use_from(settings.get((row["family"], row["address"]), _UNSET), zone),
            battery=row["battery"],
            silent_at=times.from_text(row["silent_at"]).timestamp() if row["silent_at"] else None,
        )
        for row in tx.each("supervised_devices")
    )
    return _Loaded(Fleet.of(devices, floor), settings, worn, version)


def _moved(tx: Transaction) -> list[int]:
    return [row["id"] for row in tx.all("exposures_moved", most=SILENT_AT_ONCE)]


def _heard(row: Row, now: datetime) -> float | None:
    """When it was last heard; by a clock that was ahead then, it was heard by now."""
    return min(times.from_text(row["last_seen"]), now).timestamp() if row["last_seen"] else None


def _in_use_from(setting: Setting, zone: tzinfo) -> float:
    """From when on it is to be in use: nobody misses it before."""
    return datetime.combine(setting.active_from, time(), zone).timestamp() if setting.active_from else 0.0


def _touch(tx: Transaction, *, some: list[tuple[str, str, float, float | None]]) -> None:
    rows = [
        {
            "device": f"{family}/{address}",
            "last_seen": times.to_text(datetime.fromtimestamp(at, UTC)),
            "battery": battery,
        }
        for family, address, at, battery in some
    ]
    tx.many("device_life_touch", rows)
