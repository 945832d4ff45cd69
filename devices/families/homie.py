"""Homie 3, 4 and 5: home-made devices that describe themselves.

Source: homieiot/convention, ``convention.md`` and ``convention5.md``, and the legacy stats extension. Everything is
text. What a property means is told by its name, see `devices.shared.plain_words`.
"""

from __future__ import annotations

from typing import Final

from devices.family import Family
from devices.shared import plain_words, reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

NAME: Final = "homie"
T = SignalType
_ROOT = "homie/"
_STATES: Final[dict[str, SignalType | None]] = {
    "ready": T.HEARTBEAT,
    "init": None,
    "sleeping": None,
    "disconnected": T.OFFLINE,
    "lost": T.OFFLINE,
    "alert": T.FAULT,
}
_NODE_AND_PROPERTY = 2
_ALERTS: Final = {
    kind: kind for kind in (T.SOS, T.FALL, T.SMOKE, T.CO, T.GAS, T.HEAT, T.WATER, T.TAMPER, T.INACTIVITY, T.BATTERY_LOW)
}
"""What an alert of Homie 5 may be about, by its name; all others are faults."""


def _split(topic: str) -> tuple[str, list[str]]:
    """The device's ID and the levels below it; Homie 5 puts its version before the ID."""
    levels = topic.split("/")[1:]
    if len(levels) > 1 and levels[0].isascii() and levels[0].isdecimal() and len(levels[0]) == 1:
        levels = levels[1:]
    return (levels[0], levels[1:]) if levels else ("", [])


def matches(topic: str) -> bool:
    """Whether this lies under ``homie/<device>/``; another base topic is named by its family."""
    if not topic.startswith(_ROOT):
        return False
    device, below = _split(topic)
    return bool(device and below) and not device.startswith("$")


def address(topic: str) -> str | None:
    """The device ID."""
    return _split(topic)[0] or None if matches(topic) else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    device, below = _split(topic)
    if not payload or not device or device.startswith("$") or not below or below[-1] == "set":
        return ()
    attribute = below[0].startswith("$")
    if not attribute and (len(below) != _NODE_AND_PROPERTY or below[1].startswith("$")):
        return ()
    try:
        word = payload[: reading.MAX_PAYLOAD].decode().strip("\x00 \t\r\n")
    except UnicodeDecodeError:
        return () if attribute and below[0] != "$state" else unreadable(device, NAME, retained=retained)
    findings = Findings()
    if attribute:
        _attribute(below, word, findings)
    elif len(payload) > len(word.encode()[:1000]) + 8 or not word.isprintable():
        return unreadable(device, NAME, retained=retained)
    else:
        plain_words.read("/".join(below), word, findings)
    return findings.signals(device, NAME, retained=retained)


def _attribute(below: list[str], word: str, findings: Findings) -> None:
    name = below[0]
    if name == "$state":
        kind = _STATES.get(word.lower(), T.FAULT)
        findings.quiet = kind is None
        if kind is not None and kind is not T.HEARTBEAT:
            findings.add(kind, text=f"state {word[:40]}" if kind is T.FAULT else "")
    elif name == "$online":  # Homie 2
        if reading.truth(word) is False:
            findings.add(T.OFFLINE)
    elif name == "$stats" and len(below) > 1:
        _statistic(below[1], word, findings)
    elif name == "$alert" and len(below) > 1 and word:
        kind = _ALERTS.get(plain_words.sense_of(below[1]) or T.FAULT, T.FAULT)
        findings.add(T.BATTERY_LOW if below[1] == "battery" else kind, text=reading.text(word, 200))
    elif name == "$log" and below[-1] in ("error", "fatal"):
        findings.add(T.FAULT, text=reading.text(word, 200))
    else:
        findings.quiet = True


def _statistic(name: str, word: str, findings: Findings) -> None:
    if name == "battery":
        findings.battery = reading.percent(word)
    elif (figure := reading.number(word)) is not None:
        findings.measurements[reading.text(name, 40)] = figure


FAMILY: Final = Family(
    name=NAME, subscriptions=("homie/+/#",), matches=matches, decode=decode, address=address, rank=2, overhears=None
)
