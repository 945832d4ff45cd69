"""Where devices were last: what a press says of its place, or what the device said of it a moment before.

Watches send their position by itself, and the press without one. Only what is worn or carried has a place of its own; a
smoke alarm or a gateway that says a position says where it was mounted, or which gateway heard it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime

import msgspec

from alarmd.store import Transaction
from devices.signal import Signal
from escalation import whereabouts
from escalation.whereabouts import Fix

MANY = 100_000  # devices whose last position is kept
FOLLOWED = 10_000  # devices of open incidents that are followed
CARRIED = frozenset({"button", "pendant", "wearable", "watch", "fall", "vital"})
"""Kinds of devices (devices.csv) whose position is that of a person."""


class Positions:
    """The last position of each device, in memory: after a restart the next message of a device tells it again.

    Which devices are followed the store knows: until it was asked (`recalled`), every position may be news.
    """

    def __init__(self) -> None:
        self._recalled = False
        self._last: OrderedDict[tuple[str, str], tuple[float, float, float | None, datetime]] = OrderedDict()
        self._followed: OrderedDict[tuple[str, str], Fix | None] = OrderedDict()

    def saw(self, signal: Signal, at: datetime) -> None:
        """A message came; it may say where its device is."""
        if signal.device is None or signal.lat is None or signal.lon is None or signal.retained:
            return
        if whereabouts.fix(signal.lat, signal.lon, signal.accuracy_m, at=at, now=at) is None:
            return
        key = signal.family, signal.device
        self._last[key] = signal.lat, signal.lon, signal.accuracy_m, at
        self._last.move_to_end(key)
        if len(self._last) > MANY:
            self._last.popitem(last=False)

    def of(self, signal: Signal, kind: str | None, now: datetime) -> Fix | None:
        """Where the person is who pressed, as far as the device tells; None where it does not, or is nobody's to carry.

        Args:
            signal: The press.
            kind: As registered; None for a device that nobody registered.
            now: The present.
        """
        if signal.device is None or (kind is not None and kind not in CARRIED):
            return None
        own = whereabouts.fix(signal.lat, signal.lon, signal.accuracy_m, at=now, now=now)
        if own is not None:
            return own
        last = self._last.get((signal.family, signal.device))
        return None if last is None else whereabouts.fix(last[0], last[1], last[2], at=last[3], now=now)

    def follow(self, signal: Signal, fix: Fix | None) -> None:
        """An incident of this device is open: what it says of its place from now on is news."""
        if signal.device is None:
            return
        key = signal.family, signal.device
        self._followed[key] = fix
        self._followed.move_to_end(key)
        if len(self._followed) > FOLLOWED:
            self._followed.popitem(last=False)

    def recalled(self, devices: Iterable[tuple[str, str, Fix | None]], now: datetime) -> None:
        """What the store knows of the open incidents: family and address of each device, and where it was last."""
        for family, address, fix in devices:
            self._followed.setdefault((family, address), fix)
        self._recalled = True
        self.set_back(now)

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: no position is from later than now, or it would be fresh until then."""
        for key, (lat, lon, accuracy, at) in self._last.items():
            self._last[key] = lat, lon, accuracy, min(at, now)
        for one, fix in self._followed.items():
            if fix is not None and fix.at > now:
                self._followed[one] = msgspec.structs.replace(fix, at=now)

    def forget(self, signal: Signal) -> None:
        """Nothing of this device is open any more."""
        if signal.device is not None:
            self._followed.pop((signal.family, signal.device), None)

    def is_news(self, signal: Signal, at: datetime) -> bool:
        """Whether a device that is followed has moved so far that people have to hear of it."""
        if signal.device is None or signal.retained:
            return False
        key = signal.family, signal.device
        if self._recalled and key not in self._followed:
            return False
        now = whereabouts.fix(signal.lat, signal.lon, signal.accuracy_m, at=at, now=at)
        before = self._followed.get(key)
        return now is not None and (before is None or whereabouts.has_moved(before, now))


def followed(tx: Transaction) -> list[tuple[str, str, Fix | None]]:
    """Family and address of what is carried in the open incidents, and where each was last."""
    return [
        (row["family"], row["address"], msgspec.json.decode(row["fix"], type=Fix) if row["fix"] else None)
        for row in tx.all("devices_followed", most=FOLLOWED)
        if row["address"] and (row["kind"] is None or row["kind"] in CARRIED)
    ]
