"""433 and 868 MHz through rtl_433: fixed codes, sent four times, heard by two receivers."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.radio import RECEIVERS, REPEATS
from simulators.shared.said import Dialect, Episode, Said, Turn, message


def _heard(turn: Turn, **fields: object) -> Episode:
    """Four repeats, each heard by both receivers."""
    model, _, number = turn.device.rpartition("/")
    body = {"time": turn.local, "model": model, "id": number, **fields}
    return tuple(
        message(f"rtl_433/{receiver}/events", body, after=after) for after in REPEATS for receiver in RECEIVERS
    )


def _fob(prefix: str, number: int) -> str:
    return f"X10-Security/{sum(prefix.encode()) % 256:02x}{number:06x}"


def _receivers(_turn: Turn) -> Episode:
    return tuple(message(f"rtl_433/{receiver}/availability", "online", retain=True) for receiver in RECEIVERS)


def _receiver_lost(_device: str) -> Said:
    return message(f"rtl_433/{RECEIVERS[0]}/availability", "offline", retain=True)


DIALECT = Dialect(
    family="rtl_433",
    device="X10-Security/3a5c",
    kind="pendant",
    says=MappingProxyType(
        {
            "sos": lambda turn: _heard(turn, code="98", event="KR15 PANIC", mic="CRC"),
            "heartbeat": lambda turn: _heard(turn, code="85", event="DS10A DOOR/WINDOW CLOSED", mic="CRC")[:2],
        }
    ),
    every=90 * 60,
    hello=_receivers,
    will=_receiver_lost,
    addressed=_fob,
)
