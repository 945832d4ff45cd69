"""References: the same one from the same device is the same signal, within a day and while its incident is open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from alarmd import times
from alarmd.store import Row, Transaction
from devices.meaning import is_alarm
from devices.signal import Signal, SignalType

SAME_REF = timedelta(days=1)  # a device that counts anew after a battery change says "sos" with last year's number

REMEMBERED = 50_000
"""References that are kept of signals which share another's entry; the newest, of all devices together."""


def share(tx: Transaction, key: str, meant: SignalType, refs: Sequence[str], seq: int) -> None:
    """These were said too, and have that entry: a repetition of one is known, after a crash too."""
    if refs:
        said = json.dumps(refs)
        tx.run("signal_share", device=key, type=meant.value, signal=seq, refs=said)
        tx.run("signal_shared_forget", most=REMEMBERED)


def is_known(tx: Transaction, key: str, ref: str) -> bool:
    """Whether anything was kept with that reference, by itself or with others."""
    said = {"device": key, "ref": ref}
    return tx.one("signal_by_ref", **said) is not None or tx.one("signal_is_shared", **said) is not None


def known(tx: Transaction, key: str, signal: Signal, meant: SignalType, home: str | None, now: datetime) -> Row | None:
    """The signal with that reference that this one repeats: within a day, of the same home, while its incident is open.

    An older one gives its reference up, and so does that of the home which the device was taken from.
    """
    own = tx.one("signal_by_ref", device=key, ref=stored(tx, signal, meant, key))
    row = own or tx.one("signal_shared_by_ref", device=key, ref=signal.ref, type=meant.value)
    if row is None:
        return None
    elsewhere = home is not None and row["home"] not in {None, home}
    if not elsewhere and abs(now - times.from_text(row["received_at"])) <= SAME_REF and row["status"] != "closed":
        return row
    if own is not None:
        tx.run("signal_ref_over", seq=own["seq"])
    tx.run("signal_shared_over", device=key, ref=signal.ref)
    return None


def stored(tx: Transaction, signal: Signal, meant: SignalType, key: str) -> str | None:
    """The reference a signal is known by; an alarm never hides behind something else said with the same one.

    Firmware that counts its references anew after a battery change says "sos" with the number of an old "test".
    """
    if signal.ref is None or not is_alarm(meant):
        return signal.ref
    before = tx.one("signal_by_ref", device=key, ref=signal.ref)
    return signal.ref if before is None or before["type"] == meant.value else f"{signal.ref} ({meant.value})"
