"""From a message to what is committed: the one transaction behind each acknowledgement.

1. Decode. What says nothing, or is only a sign of life, goes to supervision and never waits behind or before an alarm.
2. A stored (retained) copy is no alarm and no life: on record, no more.
3. The same ``ref`` again, the same thing from the same device within seconds (radio repeats, twin topics), a press that
   the device itself has not counted, a flag that is still up, or what a detector goes on seeing, is the same signal.
4. What it means depends on how the device is registered. An alarm opens or raises an incident; a reset is a fact on it.
5. An unregistered device that says SOS is an incident for the desk; what nobody can read is kept raw in quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import msgspec

from alarmd import journal, times
from alarmd.directory import lookup, proving
from alarmd.engine import Engine, Opening, decode_state, is_readable
from alarmd.intake import check_ins, references, strangers
from alarmd.intake.counting import INPUT, Counters, count_of
from alarmd.intake.delivery import Delivery
from alarmd.intake.holding import Holding
from alarmd.intake.positions import CARRIED, Positions
from alarmd.intake.quarantine import quarantine
from alarmd.intake.registered import Registered, registered
from alarmd.intake.sticking import Sticking, still_up
from alarmd.privacy import is_ordinary, masked, nickname
from alarmd.store import Row, Transaction
from devices.meaning import is_alarm, is_life, is_technical, meaning
from devices.setting import NOTHING
from devices.signal import Signal, SignalType, Suspect
from escalation import whereabouts
from escalation.incident import DeviceReset, Located, Pressed
from escalation.whereabouts import Fix

SAME_PRESS = timedelta(seconds=10)  # DEVICES: repeats and twin topics come within 3 to 10 s
SAME_TROUBLE = timedelta(hours=6)  # a low battery says so in every message
MANY, MANY_WITHIN = 20, timedelta(minutes=10)  # no hand presses so often; a stuck contact does
STUCK_S = 3600  # a flag that nobody has reset
EVENLY_LEAST = 3  # so often in step and nobody believes in a hand, even after a close


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one signal, for the reply to its device."""

    signal: Signal
    incident: str = ""
    report_every: int | None = None
    meant: SignalType | None = None


class Keeper:
    """Keeps signals inside store transactions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.counters = Counters()
        self.sticking = Sticking()
        self.positions = Positions()
        self._holding = Holding()

    def set_back(self, now: datetime) -> None:
        """The clock was ahead, and was set right: nothing that is remembered by it lies ahead of now."""
        for memory in (self.counters, self.sticking, self.positions, self._holding):
            memory.set_back(now)

    def keep(
        self, tx: Transaction, delivery: Delivery, signals: tuple[Signal, ...], now: datetime, *,
        bare: bool = False,
    ) -> list[Kept]:  # fmt: skip
        """Everything that follows from one message, in one transaction; ``bare``: incidents go straight to the desk."""
        found = (self._keep_one(tx, delivery, signal, now, bare=bare) for signal in signals)
        kept = [one for one in found if one is not None]
        for one in kept:  # memory that moved before a commit which then fails would take the repetition for known
            if one.meant is not None:
                tx.once_committed(partial(self._holding.said, _key(one.signal), one.meant, now))
        return kept

    def is_new(self, tx: Transaction, signals: tuple[Signal, ...]) -> bool:
        """Whether what a message says first has a reference that none has that was kept, or no reference."""
        if not signals or signals[0].ref is None:
            return True
        return not references.is_known(tx, _key(signals[0]), signals[0].ref)

    def counts_as(self, tx: Transaction, signal: Signal, now: datetime) -> tuple[str, SignalType | None]:
        """As whose it counts (empty: a device that is neither registered, nor was, here or elsewhere), and as what."""
        device, known = self._whose(tx, signal)
        meant = self._meant(device.setting.applied(signal) if device else signal, device, known, now)
        return (_key(signal) if device or known else ""), meant

    def _whose(self, tx: Transaction, signal: Signal) -> tuple[Registered | None, strangers.Known | None]:
        """The device as registered; else what is known of it all the same."""
        if (device := registered(tx, signal)) is not None:
            return device, None
        return None, self._retired(tx, signal) or strangers.elsewhere(tx, signal)

    def _meant(
        self, signal: Signal, device: Registered | None, known: strangers.Known | None, now: datetime
    ) -> SignalType | None:
        return meaning(signal, known.kind) if known else self._meaning(signal, device, now)

    def _keep_one(
        self, tx: Transaction, delivery: Delivery, signal: Signal, now: datetime, *, bare: bool
    ) -> Kept | None:
        device, known = self._whose(tx, signal)
        signal = device.setting.applied(signal) if device else signal
        meant = self._meant(signal, device, known, now)
        if signal.retained:
            if meant is not None and is_alarm(meant):
                quarantine(tx, delivery, "retained", now)
            return None
        _lives(tx, signal, device, delivery, now)
        if self.positions.is_news(signal, delivery.received_at):
            self._moved(tx, signal, device, delivery, now, bare=bare)
        if meant is None or signal.device is None:
            return self._not_meant(tx, delivery, signal, device, now)
        if device and is_alarm(meant) and proving.in_test_mode(device.test_until, now):
            return self._tested(tx, delivery, signal, meant, device, now)
        if (repeated := self._repeat(tx, delivery, signal, meant, device, now)) is not None:
            self._suspect(tx, signal, meant, device, now)
            return _kept(signal, device, repeated, meant)
        seq = self._insert(tx, signal, meant, device, delivery, now)
        if not is_alarm(meant):
            self._no_alarm(tx, seq, signal, meant, device, now, bare=bare)
            return _kept(signal, device)
        opening = self._opening(tx, seq, signal, meant, device, delivery, known, now)
        stranger = device is None and not isinstance(known, lookup.RetiredDevice) and not bare
        incident = (
            strangers.press(tx, self._engine, opening, delivery, now)
            if stranger
            else self._engine.press(tx, opening, now, bare=bare).id
        )
        tx.run("signal_link", incident=incident, seq=seq)
        if device and "kept" in device.setting.answers and not bare:
            self._engine.reply(tx, incident, "kept", now, only_latest=True)
        self._suspect(tx, signal, meant, device, now)
        return _kept(signal, device, incident, meant)

    def _opening(
        self, tx: Transaction, seq: int, signal: Signal, meant: SignalType, device: Registered | None,
        delivery: Delivery, known: strangers.Known | None, now: datetime,
    ) -> Opening:  # fmt: skip
        """What an alarm opens or raises its incident with."""
        fix = self.positions.of(signal, device.kind if device else None, now)
        if device is None or device.kind in CARRIED:
            tx.once_committed(partial(self.positions.follow, signal, fix))
        text = masked(signal.text, length=None)
        if device is None:
            text = strangers.all_that_is_known(signal, delivery, known, self._engine.messages.service_texts())
        return _opening(seq, signal, meant, device, _named(tx, signal, device), delivery, text, fix)

    def _moved(
        self,
        tx: Transaction,
        signal: Signal,
        device: Registered | None,
        delivery: Delivery,
        now: datetime,
        *,
        bare: bool,
    ) -> None:
        """The device of an open incident is somewhere else by now."""
        at = delivery.received_at
        fix = whereabouts.fix(signal.lat, signal.lon, signal.accuracy_m, at=at, now=max(at, now))
        name = _named(tx, signal, device)
        rows = [
            row
            for row in tx.all("incidents_open_of_subject", subject=_subject(signal, device, name))
            if is_readable(row) and not decode_state(row).plan.remind
        ]
        if not rows or fix is None or bare:
            tx.once_committed(partial(self.positions.forget, signal))
            return
        tx.once_committed(partial(self.positions.follow, signal, fix))
        resident = lookup.resident(tx, device.resident) if device else None
        at_home = whereabouts.away(resident, fix) is None
        for row in rows:
            if not (at_home and decode_state(row).fix is None):  # where everybody is going already
                self._engine.happen(tx, row, Located(fix=fix, device=name), now)

    def _no_alarm(
        self,
        tx: Transaction,
        seq: int,
        signal: Signal,
        meant: SignalType,
        device: Registered | None,
        now: datetime,
        *,
        bare: bool,
    ) -> None:
        if is_technical(meant):
            self._trouble(tx, signal, meant, device, now)
        elif meant is SignalType.CANCEL:
            self._reset(tx, seq, signal, device, now, bare=bare)

    def _meaning(self, signal: Signal, device: Registered | None, now: datetime) -> SignalType | None:
        """What it means: as set for the device, else as its kind says."""
        if device is None:
            return meaning(signal, None)
        local = now.astimezone(self._engine.zone).time()
        meant = device.setting.meaning(signal, device.kind, local)
        if meant is None:
            return meaning(signal, device.kind)
        return None if meant == NOTHING else SignalType(meant)

    def _tested(
        self,
        tx: Transaction,
        delivery: Delivery,
        signal: Signal,
        meant: SignalType,
        device: Registered,
        now: datetime,
    ) -> Kept:
        """In test mode an alarm is a test: kept, told to the installer, and nobody is asked to come."""
        if delivery.will:  # nobody pressed: it proves no trigger, and is no sign of the person
            seq = self._insert(tx, signal, SignalType.FAULT, device, delivery, now)
            self._no_alarm(tx, seq, signal, SignalType.FAULT, device, now, bare=False)
        elif self._repeat(tx, delivery, signal, SignalType.TEST, device, now) is None:
            self._insert(tx, signal, SignalType.TEST, device, delivery, now, tested=meant)
        return _kept(signal, device)

    def _not_meant(
        self, tx: Transaction, delivery: Delivery, signal: Signal, device: Registered | None, now: datetime
    ) -> Kept | None:
        """No alarm, no trouble: a test is on record, an unreadable stranger is kept raw, the rest was only life."""
        if signal.type is SignalType.TEST and device:
            if self._repeat(tx, delivery, signal, signal.type, device, now) is None:
                self._insert(tx, signal, signal.type, device, delivery, now)
            return _kept(signal, device)
        if signal.suspect or (device is None and signal.type is SignalType.PRESS):
            quarantine(tx, delivery, str(signal.suspect or "unknown_device"), now)
        return None

    def _retired(self, tx: Transaction, signal: Signal) -> lookup.RetiredDevice | None:
        """What was taken out of the directory is pressed all the same: an alarm for the desk (promise 4)."""
        return lookup.retired_device_at(tx, signal.family, signal.device) if signal.device is not None else None

    def _repeat(
        self,
        tx: Transaction,
        delivery: Delivery,
        signal: Signal,
        meant: SignalType,
        device: Registered | None,
        now: datetime,
    ) -> str | None:
        """The incident of the signal this one repeats (empty: it had none), or None for a new one."""
        key, home = _key(signal), device.resident if device else None
        until = times.to_text(now + SAME_PRESS)  # nothing from a time to come, such as before a clock was set back
        if (still := still_up(signal)) is not None:
            since = times.to_text(now - timedelta(seconds=still.seconds) - SAME_PRESS)
            row = tx.one("signal_newest", device=key, type=meant.value, since=since, until=until, home=home)
            if row is not None and (row["status"] != "closed" or still.times >= EVENLY_LEAST):
                return row["incident"] or ""  # as often as it likes: no news, and no fault of the device
        if signal.ref is not None:
            row = references.known(tx, key, signal, meant, home, now)
        elif (counted := self._counted(tx, signal)) is not None:
            row = counted if self._stands_still(counted, signal) and counted["home"] in {None, home} else None
            if row and now - times.from_text(row["received_at"]) > SAME_PRESS:
                return row["incident"] or ""  # twice a minute for ever: no news, and no fault of the device
        else:
            window = SAME_TROUBLE if is_technical(meant) else SAME_PRESS
            reach = self._holding.reach(key, meant, now, window)
            since = times.to_text(now - reach)
            row = tx.one("signal_recent", device=key, type=meant.value, since=since, until=until, home=home)
        if row is None:
            return None
        many = delivery.like.messages
        tx.run("signal_repeat", seq=row["seq"], times=many)
        references.share(tx, key, meant, delivery.like.refs, row["seq"])
        if not is_technical(meant):
            data = {"signal": row["seq"], "repeats": row["repeats"] + many} | delivery.like.facts()
            data |= {"ref": masked(signal.ref)} if signal.ref else {}
            name = _named(tx, signal, device)
            entry = journal.Entry(event="signal.repeated", incident=row["incident"], device=name, data=data)
            journal.append(tx, now, entry)
        return row["incident"] or ""

    def _counted(self, tx: Transaction, signal: Signal) -> Row | None:
        """The newest press of an input whose device counts them; None where it does not, or has hardly begun."""
        if count_of(signal) is None:
            return None
        return tx.one("signal_counted", device=_key(signal), input=signal.measurements.get(INPUT))

    def _stands_still(self, newest: Row, signal: Signal) -> bool:
        """Whether the device has counted no press since, nor begun to count anew."""
        restarted = self.counters.restarted(signal)
        since = restarted is None or times.from_text(newest["received_at"]) >= restarted
        return since and newest["count"] == count_of(signal)

    def _insert(
        self,
        tx: Transaction,
        signal: Signal,
        meant: SignalType,
        device: Registered | None,
        delivery: Delivery,
        now: datetime,
        *,
        tested: SignalType | None = None,
    ) -> int:
        seq = tx.insert(
            "signal_insert",
            device=_key(signal),
            ref=references.stored(tx, signal, meant, _key(signal)),
            type=meant.value,
            received_at=times.to_text(delivery.received_at),
            data=msgspec.json.encode(signal).decode(),
        )
        if delivery.like.messages > 1:
            tx.run("signal_repeat", seq=seq, times=delivery.like.messages - 1)
            references.share(tx, _key(signal), meant, delivery.like.refs, seq)
        data: dict[str, object] = {"signal": seq, "type": meant.value, "family": signal.family, "via": delivery.via}
        data |= delivery.like.facts()
        data |= {"last_will": True} if delivery.will else {}
        if tested is not None:
            data["tested"] = tested.value
        for name in ("ref", "battery", "gesture", "lat", "lon", "text", "suspect", "at"):
            if value := getattr(signal, name):
                data[name] = masked(value) if type(value) is str else value
        entry = journal.Entry(
            event="signal.kept",
            resident=device.resident if device else None,
            device=_named(tx, signal, device),
            data=data,
        )
        journal.append(tx, now, entry)
        return seq

    def _trouble(
        self, tx: Transaction, signal: Signal, meant: SignalType, device: Registered | None, now: datetime
    ) -> None:
        if device is None:
            return
        data = {"type": meant.value} | ({"battery": signal.battery} if signal.battery is not None else {})
        entry = journal.Entry(event="device.fault", resident=device.resident, device=device.id, data=data)
        journal.append(tx, now, entry)

    def _suspect(
        self, tx: Transaction, signal: Signal, meant: SignalType, device: Registered | None, now: datetime
    ) -> None:
        """A device that alarms without being pressed is flagged as faulty, and stays an alarm (promise 4)."""
        if device is None or not is_alarm(meant):
            return
        span = {"since": times.to_text(now - MANY_WITHIN), "until": times.to_text(now)}
        row = tx.one("signals_counted", device=_key(signal), type=meant.value, **span)
        count = int(row["count"] or 0) if row else 0
        still = still_up(signal)
        repeats = count >= MANY or (still is not None and still.seconds >= STUCK_S)
        why = "odd_battery" if signal.suspect is Suspect.ODD_BATTERY else "repeats" if repeats else ""
        span["since"] = times.to_text(now - SAME_TROUBLE)
        if not why or tx.one("signal_recent", device=_key(signal), type=why, home=None, **span) is not None:
            return
        data = {"signal_type": meant.value, "battery": signal.battery, "count": count}
        tx.run(
            "signal_insert",
            device=_key(signal),
            ref=None,
            type=why,
            received_at=times.to_text(now),
            data=msgspec.json.encode(data).decode(),
        )
        entry = journal.Entry(
            event="device.fault", resident=device.resident, device=device.id, data={"type": why} | data
        )
        journal.append(tx, now, entry)

    def _reset(
        self, tx: Transaction, seq: int, signal: Signal, device: Registered | None, now: datetime, *, bare: bool
    ) -> None:
        event = DeviceReset(signal=seq, device=(name := _named(tx, signal, device)))
        for row in tx.all("incidents_open_of_subject", subject=_subject(signal, device, name)):
            if not bare or is_readable(row):
                self._engine.happen(tx, row, event, now, bare=bare)


def _opening(
    seq: int,
    signal: Signal,
    meant: SignalType,
    device: Registered | None,
    name: str,
    delivery: Delivery,
    text: str,
    fix: Fix | None,
) -> Opening:
    pressed = Pressed(
        signal=seq,
        device=name,
        type=signal.type.value,
        suspect=signal.suspect.value if signal.suspect else "",
        text=text,
        pressed_at=min(signal.at, delivery.received_at) if signal.at else None,  # a device's clock may be ahead
        fix=fix,
    )
    return Opening(
        subject=_subject(signal, device, name),
        resident=device.resident if device else None,
        plan_name=device.plan if device else "",
        device=pressed.device,
        kind=meant.value,
        pressed=pressed,
        sender=strangers.sender(delivery) if delivery.user else "",
    )


def _kept(signal: Signal, device: Registered | None, incident: str = "", meant: SignalType | None = None) -> Kept:
    return Kept(signal, incident, device.report_every if device else None, meant)


def _lives(tx: Transaction, signal: Signal, device: Registered | None, delivery: Delivery, now: datetime) -> None:
    """With what is kept of it: the device spoke, unless it is its last will, or alarmd that misses it."""
    if device is None or not is_life(signal) or delivery.will or delivery.via == check_ins.VIA:
        return
    at = times.to_text(min(delivery.received_at, now))
    tx.run("device_life_kept", device=_key(signal), last_seen=at, battery=signal.battery)


def _subject(signal: Signal, device: Registered | None, name: str) -> str:
    return device.resident if device else f"device:{signal.family}/{name}"


def _named(tx: Transaction, signal: Signal, device: Registered | None) -> str:
    """What log, incident and desk call a device: as registered, else its address, shortened where it is a person's."""
    if device is not None:
        return device.id
    if is_ordinary(str(signal.device)):
        return str(signal.device)
    row = tx.one("signal_first", device=_key(signal))
    return nickname(str(signal.device), row["seq"] if row and row["seq"] is not None else 0)


def _key(signal: Signal) -> str:
    return f"{signal.family}/{signal.device}"
