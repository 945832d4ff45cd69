"""The intake: what both doors hand their messages to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog

from alarmd.clock import Clock
from alarmd.engine import Engine
from alarmd.intake import aside, births, check_ins, futures, strangers
from alarmd.intake.aside import Aside
from alarmd.intake.attempts import Attempts, Stage
from alarmd.intake.births import Births
from alarmd.intake.budget import Budget, Held, Spender
from alarmd.intake.check_ins import CheckIns
from alarmd.intake.delivery import Delivery, NotKeptError
from alarmd.intake.excess import Excess
from alarmd.intake.keeping import Keeper, Kept
from alarmd.intake.positions import followed
from alarmd.intake.quarantine import quarantine
from alarmd.intake.reader import Reader, known_as
from alarmd.intake.spending import Spending, Waiting
from alarmd.intake.vitals import Vitals, Waited, still_holds, whose
from alarmd.privacy import masked
from alarmd.store import Store, StoreError, Transaction
from alarmd.supervision import Supervision
from devices import receipts, registry
from devices.family import Message
from devices.meaning import is_life, is_technical
from devices.signal import Signal, SignalType

log = structlog.get_logger()

_ONLY_LIFE = {
    SignalType.HEARTBEAT,
    SignalType.ONLINE,
    SignalType.LOCATION,
    SignalType.MEASUREMENT,
    SignalType.MOTION,
    SignalType.PRESENCE,
    SignalType.DOOR,
    SignalType.CHECK_IN,
    SignalType.BATTERY_OK,
    SignalType.MAINS_BACK,
}
_BY_HAND = {SignalType.TEST, SignalType.CANCEL}
"""What only somebody who is there can mean."""


@dataclass(slots=True)
class Counts:
    """What came in since the start. Counted up in place: a new copy for each message took a quarter of its way."""

    received: int = 0
    kept: int = 0
    life: int = 0
    quarantined: int = 0
    failed: int = 0


class Intake:
    """Takes messages, keeps them, and tells their devices so.

    Args:
        store: Where they are kept.
        engine: Whose incidents they open.
        supervision: Who is told of signs of life.
        clock: Read once for each message kept.
        reader: Which family reads which topic.
        kept: Called after the commit with what was kept, to reply to the devices.
        took: Called with the seconds from receipt to commit, for the figures.
        receipt: Called with what a device of a cloud's protocol waits for, once its message is kept.
        attempts: Where it is written down what is being worked on; None: in memory only.
    """

    def __init__(
        self,
        *,
        store: Store,
        engine: Engine,
        supervision: Supervision,
        clock: Clock,
        reader: Reader,
        kept: Callable[[list[Kept]], None],
        took: Callable[[float], None] = lambda _: None,
        receipt: Callable[[Message], None] = lambda _: None,
        attempts: Attempts | None = None,
    ) -> None:
        self._store = store
        self._engine = engine
        self._keeper = Keeper(engine)
        self._supervision = supervision
        self._clock = clock
        self._reader = reader
        self._kept = kept
        self._took = took
        self._receipt = receipt
        self._vitals = Vitals()
        self._asking: set[asyncio.Future[None]] = set()
        self._births = Births()
        self._check_ins = CheckIns(engine.zone)
        self._attempts = attempts or Attempts()
        self._aside = Aside(store=store, reader=reader, keep=self._keep_aside)
        self._excess = Excess(
            store=store,
            keeper=self._keeper,
            clock=clock,
            attempts=self._attempts,
            alone=lambda one: self._commit(one.delivery, one.signals, one.reason),
            after=self._after_part,
            way=engine.way,
        )
        self._budget = Budget(self._excess.keep)
        self._spending = Spending(self._budget, supervision, self._is_only_life)
        self._waiting = Waiting(self._budget, self._excess, self._spending)
        self.counts = Counts()
        supervision.on_look(self._look)
        supervision.on_set_back(self._set_back)
        supervision.on_reread(self._review)

    async def recall(self) -> None:
        """At the start: follow the devices of the open incidents again. Without it the store is asked each time."""
        try:
            devices = await self._store.read(followed)
        except StoreError as error:
            log.error("devices of open incidents not read", error=str(error))  # noqa: TRY400 - its text says it all
            return
        self._keeper.positions.recalled(devices, self._clock.now())

    def take(self, delivery: Delivery) -> asyncio.Future[None]:
        """Take one message; see `alarmd.intake.delivery.Taker`."""
        if (why := self._attempts.recognised(delivery)) is not None:
            spender = Spender((aside.REASON, strangers.sender(delivery)), ())
            return self._aside.put(delivery, why, waits=not self._budget.allows(spender, delivery.received_at))
        with self._attempts.of(Stage.DECODING, delivery):
            return self._take_in(delivery)

    def _take_in(self, delivery: Delivery) -> asyncio.Future[None]:
        taken = self._named(delivery) if delivery.topic.startswith(births.PREFIX) else self._take(delivery)
        told = None if delivery.retained else receipts.receipt(delivery.topic, delivery.payload, delivery.received_at)
        if told is not None and self._reader.knows(delivery.topic):
            taken.add_done_callback(lambda done: self._receipt(told) if futures.is_kept(done) else None)
        return taken

    def _named(self, delivery: Delivery) -> asyncio.Future[None]:
        """Sparkplug B: read with the names of the birth; what waits for one is acknowledged when it has come."""
        if not self._reader.knows(delivery.topic):
            return self._take(delivery)
        told = self._births.hear(delivery)
        if told.rebirth is not None:
            self._receipt(told.rebirth)
        taken = self._take(told.delivery) if told.delivery is not None else futures.done()
        for one in told.named:
            futures.follow(self._take(one.delivery), one.taken)
        return taken if told.waits is None else told.waits.taken

    def _take(self, delivery: Delivery) -> asyncio.Future[None]:
        self.counts.received += 1
        if delivery.will:
            signals = self._last_will(delivery)
        else:
            signals = self._keeper.sticking.heard(self._reader.decode(delivery), delivery.received_at)
        for signal in () if delivery.will else signals:
            self._keeper.counters.saw(signal, delivery.received_at)
            self._keeper.positions.saw(signal, delivery.received_at)
            self._note_life(signal, delivery)
        if not signals and not self._reader.knows(delivery.topic, delivery.families):
            if delivery.topic.startswith("$") or delivery.via == "broker":
                return futures.done()
            return self._submit(delivery, (), "no_family")
        if worrying := self._worrying(delivery, signals):
            signals = (*signals, *worrying)
        moved = any(self._keeper.positions.is_news(signal, delivery.received_at) for signal in signals)
        if not moved and all(self._is_only_life(signal) for signal in signals):
            self.counts.life += 1
            return futures.done()
        return self._submit(delivery, signals, "")

    def _note_life(self, signal: Signal, delivery: Delivery) -> None:
        """Its device lives, or its gateway says that it goes or is back."""
        if signal.device is None:
            return
        if is_life(signal):
            through = _gateway(signal.family, delivery)
            self._supervision.seen(signal.family, signal.device, delivery.received_at, signal.battery, through)
            self._supervision.hint(signal.device, gone=False)
        elif not signal.retained:
            self._supervision.hint(signal.device, gone=True)

    def _last_will(self, delivery: Delivery) -> tuple[Signal, ...]:
        """What a client left to be said once it is gone: no life, no position, no measurement of this moment.

        An alarm in it is an alarm all the same (promise 4), and a fault a fault.
        """
        signals = self._reader.decode(delivery)
        for signal in signals:
            for name in {signal.device, _gateway(signal.family, delivery)} - {None, ""}:
                self._supervision.hint(str(name), gone=True)
        return tuple(
            msgspec.structs.replace(signal, lat=None, lon=None)
            for signal in signals
            if signal.type not in _ONLY_LIFE | _BY_HAND or signal.suspect is not None or _is_opened(signal)
        )

    def _worrying(self, delivery: Delivery, signals: tuple[Signal, ...]) -> list[Signal]:
        """Alarms for vital signs of which one reading is enough."""
        alarms: list[Signal] = []
        for signal in () if delivery.will else signals:
            if signal.measurements and signal.device is not None and is_life(signal):
                setting = self._supervision.setting(signal.family, signal.device)
                alarms += self._vitals.heard(setting.applied(signal), setting.limits, delivery)
                if self._vitals.of_nobody_yet(signal):
                    self._ask_whose(signal)
        return alarms

    def _ask_whose(self, signal: Signal) -> None:
        """Who wears it now: what is outside and waits is theirs, and nobody else's."""
        asking = asyncio.ensure_future(self._learn_whose(signal, self._clock.now()))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _learn_whose(self, signal: Signal, now: datetime) -> None:
        try:
            self._vitals.is_of(signal, await self._store.read(partial(whose, signal=signal)), now)
        except StoreError as error:
            log.warning("who wears a device is not known", error=str(error))

    def _review(self) -> None:
        """Devices may have been handed on, and limits set anew."""
        self._vitals.set_limits(lambda signal: self._supervision.setting(signal.family, str(signal.device)).limits)
        for signal in self._vitals.all():
            self._ask_whose(signal)

    def _set_back(self, now: datetime, by: timedelta) -> None:
        """The clock was ahead: what is remembered by it neither waits for that time nor hides anything until then."""
        self._keeper.set_back(now)
        self._budget.set_back(now)
        self._attempts.set_back(now)
        self._vitals.set_back(by)
        self._births.set_back(now)
        self._check_ins.set_back(now)

    def _look(self, now: datetime) -> None:
        """What time alone brings: vital signs that stayed outside their limits, check-ins that are missing."""
        for one in self._births.overdue(now):
            self._take(one.delivery)  # a sign of life it is
            futures.follow(self._submit(one.delivery, births.unread(one.delivery), ""), one.taken)
        if self._supervision.knows_settings:
            for family, address, by in self._check_ins.due(now, self._supervision.settings()):
                self._ask_about(family, address, by, now)
        for waited in self._vitals.due(now):
            kept = self._commit(waited.delivery, (waited.alarm,), "", waited=waited)  # once each time: no budget
            kept.add_done_callback(partial(self._seen, waited.alarm))

    def _ask_about(self, family: str, address: str, by: datetime, now: datetime) -> None:
        """Nobody has checked in: an alarm, unless the store knows better."""
        said = check_ins.delivery(family, address, now)

        def work(tx: Transaction) -> list[Kept]:
            missing = self._check_ins.missing(tx, family, address, by, now)
            return self._keeper.keep(tx, said, (missing,), now) if missing else []

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            if error is None:
                self._after_commit(committed.result(), said)
            else:
                log.error("a missing check-in is not kept yet", device=address, error=repr(error))
                self._check_ins.forget(family, address)

        self._store.submit(work).add_done_callback(done)

    def _seen(self, alarm: Signal, future: asyncio.Future[None]) -> None:
        if not future.cancelled() and future.exception() is not None:
            log.error("a vital sign is not kept; it is said again while it stays so", error=str(future.exception()))
            self._vitals.not_told(alarm)

    def _is_only_life(self, signal: Signal) -> bool:
        if not self._supervision.knows_settings:
            return False  # a bed that is left, a door turned round, a check-in: the store knows, and is asked
        if signal.type not in _ONLY_LIFE or signal.suspect is not None:
            return False
        if _is_opened(signal):
            return False
        return signal.device is None or not self._supervision.setting(signal.family, signal.device).wants(signal)

    def _submit(self, delivery: Delivery, signals: tuple[Signal, ...], reason: str) -> asyncio.Future[None]:
        """Keep it, each signal from the budget of its own device; ``reason``: of a message without signals."""
        now = self._clock.now()  # what has waited may come from a clock that was ahead
        if not signals:
            spender = Spender(strangers.sender(delivery), ())
            if self._budget.allows(spender, now, strangers.payer(delivery)):
                return self._commit(delivery, signals, reason)
            return self._budget.hold(spender, delivery, signals, reason, strangers.payer(delivery))
        judged = self._spending.judged(delivery, signals, now)
        taken = [self._commit(delivery, part, reason) for part in judged.at_once]
        return futures.all_of([*taken, *self._waiting.hold(delivery, judged.beyond)])

    def _commit(
        self, delivery: Delivery, signals: tuple[Signal, ...], reason: str, *, waited: Waited | None = None
    ) -> asyncio.Future[None]:
        """Keep it by itself; ``waited``: it stayed outside its limits, and may be somebody else's by now."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def work(tx: Transaction) -> list[Kept]:
            now = self._clock.now()
            with self._attempts.of(Stage.KEEPING, delivery):
                if reason:
                    quarantine(tx, delivery, reason, now)
                if waited is not None and not still_holds(tx, waited):
                    tx.once_committed(partial(self._vitals.forget, waited.alarm))
                    return []
                return self._keeper.keep(tx, delivery, signals, now) if signals else []

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            if error is None:
                futures.resolve(future, None)  # first: a reply that fails must not hold up the acknowledgement
                if urgent:
                    self._engine.way.claim()
                self._after_commit(committed.result(), delivery, signals)
            elif isinstance(error, StoreError):
                self.counts.failed += 1
                log.error("not kept", topic=masked(delivery.topic), error=str(error))
                futures.resolve(future, NotKeptError(str(error)))
            else:
                log.error("keeping failed, trying the plain way", topic=masked(delivery.topic), error=repr(error))
                self._plainly(delivery, signals, future)

        noise = all(_is_noise(signal) for signal in signals)
        urgent = bool(signals) and not noise
        if urgent:
            self._engine.way.claim()
        self._store.submit(work, behind=noise).add_done_callback(done)
        return future

    def _keep_aside(self, delivery: Delivery, signals: tuple[Signal, ...]) -> asyncio.Future[None]:
        """Raw, and each signal it is taken for from its device's own budget."""
        raw = self._submit(delivery, (), aside.REASON)
        return futures.all_of([raw, self._submit(delivery, signals, "")]) if signals else raw

    def _plainly(self, delivery: Delivery, signals: tuple[Signal, ...], future: asyncio.Future[None]) -> None:
        """A defect of ours must not lose an alarm: the desk gets it without plan, or the sender repeats."""

        def work(tx: Transaction) -> list[Kept]:
            now = self._clock.now()
            quarantine(tx, delivery, "defect", now)
            return self._keeper.keep(tx, delivery, signals, now, bare=True)

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            if error is None:
                futures.resolve(future, None)  # first: a reply that fails must not hold up the acknowledgement
                self._after_commit(committed.result(), delivery, signals)
            else:
                self.counts.failed += 1
                log.error("not kept", topic=masked(delivery.topic), error=repr(error))
                futures.resolve(future, NotKeptError(str(error)))

        self._store.submit(work).add_done_callback(done)

    def _after_commit(self, kept: list[Kept], delivery: Delivery, signals: tuple[Signal, ...] = ()) -> None:
        self._took((self._clock.now() - delivery.received_at).total_seconds())
        self.counts.kept += len(kept)
        now = self._clock.now()
        for signal in signals:
            if signal.type is SignalType.VITAL:  # kept as an alarm, as a test, or as nothing: it was dealt with
                self._vitals.told(signal, now)
        if kept:
            self._engine.committed()
            self._kept(kept)

    def _after_part(self, kept: list[Kept], held: list[Held]) -> None:
        self._after_commit(kept, held[-1].delivery, tuple(signal for one in held for signal in one.signals))


def _is_opened(signal: Signal) -> bool:
    """From a pendant that is a contact to its radio this is a press."""
    return signal.type is SignalType.DOOR and signal.measurements.get("open") is True


def _gateway(family: str, delivery: Delivery) -> str:
    """Which gateway brought it, where its family tells."""
    tells = registry.FAMILIES[family].gateway
    name = tells(delivery.topic, delivery.payload) if tells is not None else ""
    return known_as(family, name, delivery) if name else ""


def _is_noise(signal: Signal) -> bool:
    """Low batteries, faults, tests: kept like all else, but no press waits for them (promise 5)."""
    return signal.suspect is None and (is_technical(signal.type) or signal.type is SignalType.TEST)
