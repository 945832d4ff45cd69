"""A device as the directory has it, as far as keeping what it says needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import msgspec

from alarmd import times
from alarmd.store import Transaction
from devices.setting import Setting, of_kind
from devices.signal import Signal


@dataclass(frozen=True, slots=True)
class Registered:
    """A device as registered, as far as keeping a signal needs it."""

    id: str
    kind: str
    resident: str
    plan: str
    report_every: int | None
    setting: Setting
    test_until: datetime | None


def registered(tx: Transaction, signal: Signal) -> Registered | None:
    """The device that a signal is from; None where nobody registered it."""
    if signal.device is None:
        return None
    if (row := tx.one("device_for_signal", family=signal.family, address=signal.device)) is None:
        return None
    return Registered(
        row["id"],
        row["kind"],
        row["resident"],
        row["plan"],
        row["report_every"],
        setting_of(row["setting"], row["kind"]),
        times.from_text(row["test_until"]) if row["test_until"] else None,
    )


@lru_cache(maxsize=4096)
def setting_of(text: str | None, kind: str) -> Setting:
    """What is set for a device of that kind, from its row; nothing where the row says nothing."""
    return of_kind(msgspec.json.decode(text, type=Setting) if text else Setting(), kind)
