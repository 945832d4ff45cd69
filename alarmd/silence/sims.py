"""SIM cards that end: one incident for each day on which some do, two weeks before it and, where need be, after it.

What no device says: until when its prepaid credit or its contract lasts is known to whoever pays for it, and stands in
devices.toml (``sim_until``). The one-key telephones of Wuhan were silent for unpaid credit, and nobody knew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

import msgspec

from alarmd import journal, times
from alarmd.directory.paid import NOTICE, SCOPE, end_of
from alarmd.engine import Engine, Opening, decode_state, is_readable
from alarmd.store import Row, Transaction
from devices.setting import Setting
from escalation.incident import Pressed, Recovered
from escalation.plan import TECHNICAL

ENDING, ENDED = "sim_ending", "sim_ended"
_AT_ONCE = 100
_IDS_IN_LOG = 200

Key = tuple[str, str]
"""Family and address."""


@dataclass(frozen=True, slots=True)
class Ending:
    """SIM cards that are paid until the same day.

    Attributes:
        kind: `ENDING` or `ENDED`.
        until: The last day that is paid for.
        devices: At most a hundred of them.
    """

    kind: str
    until: date
    devices: tuple[Key, ...]


class Sims:
    """Looks at the calendar once a day, and whenever the directory changed.

    Args:
        zone: The service's own time.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._of: dict[date, list[Key]] = {}
        self._looked_on: date | None = None

    def set(self, settings: Mapping[Key, Setting]) -> None:
        """These are set now."""
        self._of = {}
        for key, setting in settings.items():
            if setting.sim_until is not None:
                self._of.setdefault(setting.sim_until, []).append(key)
        self.look_again()

    def look_again(self) -> None:
        """Something could not be put on record."""
        self._looked_on = None

    def due(self, now: datetime) -> Iterator[Ending]:
        """What ends within `NOTICE`, or has ended; whether that was told before, the store knows."""
        today = now.astimezone(self._zone).date()
        if today == self._looked_on:
            return
        self._looked_on = today
        for until in sorted(day for day in self._of if day - NOTICE <= today):
            keys = self._of[until]
            for start in range(0, len(keys), _AT_ONCE):
                yield Ending(ENDED if until < today else ENDING, until, tuple(keys[start : start + _AT_ONCE]))


def record(tx: Transaction, engine: Engine, ending: Ending, now: datetime) -> None:
    """Tell the desk, once for each device; further ones of the same day join its open incident."""
    ref = f"{ending.kind} {ending.until}"
    news = [
        (f"{family}/{address}", row)
        for family, address in ending.devices
        if (row := tx.one("directory_device_at", family=family, address=address)) is not None
        and not _is_told(tx, f"{family}/{address}", ref, now)
    ]
    if not news:
        return
    incident = _incident(tx, engine, ending, [row for _, row in news], now)
    data = msgspec.json.encode({"until": ending.until}).decode()
    for key, _ in news:
        at = times.to_text(now)
        seq = tx.insert("signal_insert", device=key, ref=ref, type=ending.kind, received_at=at, data=data)
        tx.run("signal_link", incident=incident, seq=seq)
    _log(tx, engine, ending, incident, [row for _, row in news], now)


def _is_told(tx: Transaction, key: str, ref: str, now: datetime) -> bool:
    """Whether the desk was told; what a clock told it that was ahead is told anew when it is time."""
    row = tx.one("signal_by_ref", device=key, ref=ref)
    if row is None or row["received_at"] <= times.to_text(now):
        return row is not None
    tx.run("signal_ref_over", seq=row["seq"])
    return False


def _incident(tx: Transaction, engine: Engine, ending: Ending, rows: list[Row], now: datetime) -> str:
    subject = f"{SCOPE}:{ending.until}"
    for kind in (ENDED, ENDING):
        row = tx.one("incident_open_of", subject=subject, kind=kind)
        if row is not None and is_readable(row) and decode_state(row).recovered_at is None:
            return str(row["id"])
    residents = {str(row["resident"]) for row in rows}
    text = ", ".join(str(row["id"]) for row in rows[:3])
    opening = Opening(
        subject=subject,
        resident=residents.pop() if len(residents) == 1 else None,
        plan_name=TECHNICAL,
        device=subject,
        kind=ending.kind,
        pressed=Pressed(signal=0, device=subject, type=ending.kind, text=text),
    )
    return engine.press(tx, opening, now).id


def _log(tx: Transaction, engine: Engine, ending: Ending, incident: str, rows: list[Row], now: datetime) -> None:
    ids = [str(row["id"]) for row in rows]
    residents = sorted({str(row["resident"]) for row in rows})
    data = {"scope": SCOPE, "until": str(ending.until), "devices": ids, "count": len(ids), "owner": "desk"}
    facts = [("device.fault", data | {"type": ending.kind})]
    if ending.kind == ENDED:
        since = times.to_text(end_of(ending.until, engine.zone))
        facts.append(("exposure.opened", data | {"from": since, "residents": residents[:_IDS_IN_LOG]}))
    whose = residents[0] if len(residents) == 1 else None
    for event, told in facts:
        one = ids[0] if len(ids) == 1 else None
        journal.append(tx, now, journal.Entry(event=event, incident=incident, resident=whose, device=one, data=told))


def settle(tx: Transaction, engine: Engine, now: datetime) -> None:
    """Where no SIM card is left that ends on an incident's day, all were renewed; closing it stays with people."""
    for row in tx.all("sim_incidents_open"):
        until = str(row["subject"]).partition(":")[2]
        left = tx.one("sims_until", until=until)
        if left is not None and not left["left"]:
            stored = tx.one("incident_get", id=row["id"])
            if stored is not None and is_readable(stored) and decode_state(stored).recovered_at is None:
                engine.happen(tx, stored, Recovered(what=f"SIM cards until {until} renewed"), now)
