"""The intake: what both doors hand their messages to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from alarmd.clock import Clock
from alarmd.engine import Engine
from alarmd.intake import aside, births, check_ins, strangers
from alarmd.intake.aside import Aside
from alarmd.intake.attempts import Attempts, Stage
from alarmd.intake.births import Births
from alarmd.intake.budget import Budget, Held
from alarmd.intake.check_ins import CheckIns
from alarmd.intake.delivery import Delivery, NotKeptError
from alarmd.intake.keeping import Keeper, Kept
from alarmd.intake.positions import followed
from alarmd.intake.quarantine import quarantine
from alarmd.intake.reader import Reader
from alarmd.intake.vitals import Vitals
from alarmd.privacy import masked
from alarmd.store import Store, StoreError, Transaction
from alarmd.supervision import Supervision
from devices import receipts, registry
from devices.answers import Message
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
        self._births = Births()
        self._check_ins = CheckIns(engine.zone)
        self._attempts = attempts or Attempts()
        self._aside = Aside(store=store, reader=reader, keep=self._commit_aside)
        self._budget = Budget(self._keep_held)
        self._excess: deque[list[Held]] = deque()
        self.counts = Counts()
        supervision.on_look(self._look)

    async def recall(self) -> None:
        """At the start: follow the devices of the open incidents again. Without it the store is asked each time."""
        try:
            devices = await self._store.read(followed)
        except StoreError as error:
            log.error("devices of open incidents not read", error=str(error))  # noqa: TRY400 - its text says it all
            return
        self._keeper.positions.recalled(devices)

    def take(self, delivery: Delivery) -> asyncio.Future[None]:
        """Take one message; see `alarmd.intake.delivery.Taker`."""
        if (why := self._attempts.recognised(delivery)) is not None:
            spender = (aside.REASON, strangers.sender(delivery))
            if self._budget.allows(spender, delivery.received_at):
                return self._aside.put(delivery, why)
            return self._budget.hold(spender, delivery, (), aside.REASON)
        with self._attempts.of(Stage.DECODING, delivery):
            return self._take_in(delivery)

    def _take_in(self, delivery: Delivery) -> asyncio.Future[None]:
        taken = self._named(delivery) if delivery.topic.startswith(births.PREFIX) else self._take(delivery)
        told = None if delivery.retained else receipts.receipt(delivery.topic, delivery.payload, delivery.received_at)
        if told is not None and self._reader.knows(delivery.topic):
            taken.add_done_callback(lambda done: self._receipt(told) if _is_kept(done) else None)
        return taken

    def _named(self, delivery: Delivery) -> asyncio.Future[None]:
        """Sparkplug B: read with the names of the birth; what waits for one is acknowledged when it has come."""
        if not self._reader.knows(delivery.topic):
            return self._take(delivery)
        told = self._births.hear(delivery)
        if told.rebirth is not None:
            self._receipt(told.rebirth)
        taken = self._take(told.delivery) if told.delivery is not None else _done()
        for one in told.named:
            _follow(self._take(one.delivery), one.taken)
        return taken if told.waits is None else told.waits.taken

    def _take(self, delivery: Delivery) -> asyncio.Future[None]:
        signals = self._keeper.sticking.heard(self._reader.decode(delivery), delivery.received_at)
        self.counts.received += 1
        for signal in signals:
            self._keeper.counters.saw(signal, delivery.received_at)
            self._keeper.positions.saw(signal, delivery.received_at)
            if signal.device is not None and is_life(signal):
                through = _gateway(signal.family, delivery)
                self._supervision.seen(signal.family, signal.device, delivery.received_at, signal.battery, through)
            elif signal.device is not None and not signal.retained:
                self._supervision.hint(signal.device, gone=True)
        if not signals and not self._reader.knows(delivery.topic):
            if delivery.topic.startswith("$") or delivery.via == "broker":
                return _done()
            return self._submit(delivery, (), "no_family")
        if worrying := self._worrying(delivery, signals):
            signals = (*signals, *worrying)
        moved = any(self._keeper.positions.is_news(signal, delivery.received_at) for signal in signals)
        if not moved and all(self._is_only_life(signal) for signal in signals):
            self.counts.life += 1
            return _done()
        return self._submit(delivery, signals, "")

    def _worrying(self, delivery: Delivery, signals: tuple[Signal, ...]) -> list[Signal]:
        """Alarms for vital signs of which one reading is enough."""
        alarms: list[Signal] = []
        for signal in signals:
            if signal.measurements and signal.device is not None and is_life(signal):
                setting = self._supervision.setting(signal.family, signal.device)
                alarms += self._vitals.heard(setting.applied(signal), setting.limits, delivery)
        return alarms

    def _look(self, now: datetime) -> None:
        """What time alone brings: vital signs that stayed outside their limits, check-ins that are missing."""
        for one in self._births.overdue(now):
            self._take(one.delivery)  # a sign of life it is
            _follow(self._submit(one.delivery, births.unread(one.delivery), ""), one.taken)
        if self._supervision.knows_settings:
            for family, address, by in self._check_ins.due(now, self._supervision.settings()):
                self._ask_about(family, address, by, now)
        for alarm, said in self._vitals.due(now):
            self._submit(said, (alarm,), "").add_done_callback(partial(self._seen, alarm))

    def _ask_about(self, family: str, address: str, by: datetime, now: datetime) -> None:
        """Nobody has checked in: an alarm, unless the store knows better."""
        said = check_ins.delivery(family, address, now)

        def work(tx: Transaction) -> list[Kept]:
            missing = self._check_ins.missing(tx, family, address, by)
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
        if signal.type is SignalType.DOOR and signal.measurements.get("open") is True:
            return False  # from a pendant that is a contact to its radio this is a press
        return signal.device is None or not self._supervision.setting(signal.family, signal.device).wants(signal)

    def _submit(self, delivery: Delivery, signals: tuple[Signal, ...], reason: str) -> asyncio.Future[None]:
        spender = self._spender(delivery, signals)
        if self._budget.allows(spender, delivery.received_at):
            return self._commit(delivery, signals, reason)
        return self._budget.hold(spender, delivery, signals, reason)

    def _spender(self, delivery: Delivery, signals: tuple[Signal, ...]) -> Hashable:
        """Whose budget a message is paid from: its device's, or its sender's where nobody registered it."""
        kinds = tuple(signal.type for signal in signals)
        first = signals[0] if signals else None
        if first is None or first.device is None or not self._supervision.has(first.family, first.device):
            return strangers.sender(delivery), kinds
        return first.family, first.device, kinds

    def _keep_held(self, held: list[Held]) -> None:
        """Messages beyond a budget wait for those before them: no press waits for more than one such part."""
        self._excess.append(held)
        if len(self._excess) == 1:
            self._keep_together(held)

    def _keep_together(self, held: list[Held]) -> None:
        """Keep messages in one transaction; where a defect of ours bars that, each by itself."""

        def work(tx: Transaction) -> list[Kept]:
            now, kept = self._clock.now(), []
            for one in held:
                with self._attempts.of(Stage.KEEPING, one.delivery):
                    if one.reason:
                        quarantine(tx, one.delivery, one.reason, now)
                    weight = len(held) if one is held[-1] else 0
                    kept += self._keeper.keep(tx, one.delivery, one.signals, now, weight=weight)
            return kept

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            for one in held:
                self._answer_held(one, error)
            if error is None:
                self._after_commit(committed.result(), held[-1].delivery, held[-1].signals)
            else:
                log.error("not kept together", messages=len(held), error=repr(error))

        def then(_: asyncio.Future[list[Kept]]) -> None:
            self._excess.popleft()
            if self._excess:
                self._keep_together(self._excess[0])

        kept = self._store.submit(work, behind=True)
        kept.add_done_callback(done)
        kept.add_done_callback(then)  # by itself: whatever becomes of the one, the next has its turn

    def _answer_held(self, one: Held, error: BaseException | None) -> None:
        if error is None:
            _resolve(one.taken, None)
        elif isinstance(error, StoreError):
            _resolve(one.taken, NotKeptError(str(error)))
        else:
            _follow(self._commit(one.delivery, one.signals, one.reason), one.taken)

    def _commit(self, delivery: Delivery, signals: tuple[Signal, ...], reason: str) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def work(tx: Transaction) -> list[Kept]:
            now = self._clock.now()
            with self._attempts.of(Stage.KEEPING, delivery):
                if reason:
                    quarantine(tx, delivery, reason, now)
                return self._keeper.keep(tx, delivery, signals, now) if signals else []

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            if error is None:
                _resolve(future, None)  # first: a reply that fails must not hold up the acknowledgement
                if urgent:
                    self._engine.way.claim()
                self._after_commit(committed.result(), delivery, signals)
            elif isinstance(error, StoreError):
                self.counts.failed += 1
                log.error("not kept", topic=masked(delivery.topic), error=str(error))
                _resolve(future, NotKeptError(str(error)))
            else:
                log.error("keeping failed, trying the plain way", topic=masked(delivery.topic), error=repr(error))
                self._plainly(delivery, signals, future)

        noise = all(_is_noise(signal) for signal in signals)
        urgent = bool(signals) and not noise
        if urgent:
            self._engine.way.claim()
        self._store.submit(work, behind=noise).add_done_callback(done)
        return future

    def _commit_aside(self, delivery: Delivery, signals: tuple[Signal, ...]) -> asyncio.Future[None]:
        return self._commit(delivery, signals, aside.REASON)

    def _plainly(self, delivery: Delivery, signals: tuple[Signal, ...], future: asyncio.Future[None]) -> None:
        """A defect of ours must not lose an alarm: the desk gets it without plan, or the sender repeats."""

        def work(tx: Transaction) -> list[Kept]:
            now = self._clock.now()
            quarantine(tx, delivery, "defect", now)
            return self._keeper.keep(tx, delivery, signals, now, bare=True)

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            if error is None:
                _resolve(future, None)  # first: a reply that fails must not hold up the acknowledgement
                self._after_commit(committed.result(), delivery, signals)
            else:
                self.counts.failed += 1
                log.error("not kept", topic=masked(delivery.topic), error=repr(error))
                _resolve(future, NotKeptError(str(error)))

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


def _gateway(family: str, delivery: Delivery) -> str:
    """Which gateway brought it, where its family tells."""
    tells = registry.FAMILIES[family].gateway
    return tells(delivery.topic, delivery.payload) if tells is not None else ""


def _is_noise(signal: Signal) -> bool:
    """Low batteries, faults, tests: kept like all else, but no press waits for them (promise 5)."""
    return signal.suspect is None and (is_technical(signal.type) or signal.type is SignalType.TEST)


def _follow(taken: asyncio.Future[None], waiting: asyncio.Future[None]) -> None:
    """Whoever waits for the one waits for the other."""
    taken.add_done_callback(lambda done: _resolve(waiting, None if done.cancelled() else done.exception()))


def _is_kept(taken: asyncio.Future[None]) -> bool:
    return not taken.cancelled() and taken.exception() is None


def _done() -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


def _resolve(future: asyncio.Future[None], error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
