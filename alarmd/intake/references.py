"""References: the same one from the same device is the same signal, within a day and while its incident is open."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

from alarmd import times
from alarmd.store import Row, Transaction
from devices.meaning import is_alarm
from devices.signal import Signal, SignalType

SAME_REF = timedelta(days=1)  # a device that counts anew after a battery change says "sos" with last year's number


REMEMBERED = 50_000
"""References that are remembered of signals which others stand for."""


class Stood:
    """Signals that have no entry of their own, by reference: of each the entry of the one that stands for it.

    In memory only: after a start of alarmd a repetition of one is a press more.
    """

    def __init__(self) -> None:
        self._of: OrderedDict[tuple[str, str], tuple[SignalType, int]] = OrderedDict()

    def note(self, key: str, meant: SignalType, refs: Iterable[str], seq: int) -> None:
        """These have that entry, and it is on disk."""
        for ref in refs:
            self._of[key, ref] = meant, seq
        while len(self._of) > REMEMBERED:
            self._of.popitem(last=False)

    def has(self, key: str, ref: str) -> bool:
        """Whether another stands for that one."""
        return (key, ref) in self._of

    def seq(self, key: str, meant: SignalType, ref: str) -> int | None:
        """The entry that stands for what meant this; None where it has one of its own, or none."""
        before, seq = self._of.get((key, ref), (None, None))
        return seq if before is meant else None


def known(
    tx: Transaction, key: str, ref: str | None, home: str | None, now: datetime, stood: int | None = None
) -> Row | None:
    """The signal with that reference that this one repeats: within a day, of the same home, while its incident is open.

    An older one gives its reference up, and so does that of the home which the device was taken from. ``stood``: the
    entry of another that stands for it.
    """
    row = tx.one("signal_by_ref", device=key, ref=ref)
    if row is None and stood is not None:
        row = tx.one("signal_by_seq", seq=stood)
    if row is None:
        return None
    elsewhere = home is not None and row["home"] not in {None, home}
    if not elsewhere and abs(now - times.from_text(row["received_at"])) <= SAME_REF and row["status"] != "closed":
        return row
    tx.run("signal_ref_over", seq=row["seq"])
    return None


def stored(tx: Transaction, signal: Signal, meant: SignalType, key: str) -> str | None:
    """The reference a signal is known by; an alarm never hides behind something else said with the same one.

    Firmware that counts its references anew after a battery change says "sos" with the number of an old "test".
    """
    if signal.ref is None or not is_alarm(meant):
        return signal.ref
    before = tx.one("signal_by_ref", device=key, ref=signal.ref)
    return signal.ref if before is None or before["type"] == meant.value else f"{signal.ref} ({meant.value})"
