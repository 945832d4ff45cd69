"""LifeSOS: a telecare and alarm base unit with pendants, pull cords and detectors, through LifeSOSpy_MQTT.

Sources: LifeSOSpy_MQTT, ``docs/topics.rst`` and its translator; LifeSOSpy, ``enums.py``. The topics of base unit and
devices are free; only what follows them is fixed. What the codes mean stands in `devices.families.lifesos.codes`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from devices.addresses import NAMES
from devices.families.lifesos import codes
from devices.family import Family
from devices.shared import plain_words, reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "lifesos"
T = SignalType
_EVENTS = ("event", "event_code", "restore_code", "is_connected")
_TOPIC = re.compile(r"(home/[^/]+(?:/[^/]+)?)/(event|event_code|restore_code|is_connected)")
_DETAILS: Final = frozenset(
    """entry_delay exit_delay ha_state operation_mode rom_version device_id rssi_db rssi_bars type zone high_limit
    low_limit code description set clear_status""".split()  # noqa: SIM905 - a table of words
)
_GROUPS: Final = frozenset(("category", "characteristics", "switches", "enable_status", "special_status", "datetime"))
_MODES: Final = frozenset(("disarm", "home", "away", "monitor", "awayexitdelay", "awayentrydelay"))


def matches(topic: str) -> bool:
    """Whether this is an event topic two or three levels under ``home/``, where the documentation puts them."""
    return _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The device's own topic, as in the bridge's ``config.yaml``: ``home/alarm``, ``home/room12/pendant``."""
    parent, _, last = topic.rpartition("/")
    return _parent(topic) if parent and last in _EVENTS else None


def _parent(topic: str) -> str:
    """The topic of base unit or device; a state topic is its own."""
    parent, _, last = topic.rpartition("/")
    return parent if parent and last in _EVENTS else topic


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    levels = topic.split("/")
    if not payload or levels[-1] in _DETAILS or (len(levels) > 1 and levels[-2] in _GROUPS):
        return ()
    device = _parent(topic) or None
    if levels[-1] == "event":
        return _event(device, payload, retained=retained)
    try:
        word = payload[:200].decode().strip("\x00 \t\r\n\"'")
    except UnicodeDecodeError:
        return unreadable(device, NAME, retained=retained)
    if len(payload) > len(word.encode()) + 8 or not word.isprintable():
        return unreadable(device, NAME, retained=retained)
    if levels[-1] == "is_connected":
        return _connected(device, word, retained=retained)
    findings = Findings()
    if levels[-1] in ("event_code", "restore_code"):
        _code(word, topic, findings, restored=levels[-1] == "restore_code")
    else:
        _state(word, topic, findings)
    return findings.signals(device, NAME, retained=retained)


def _connected(device: str | None, word: str, *, retained: bool) -> tuple[Signal, ...]:
    kinds = {True: T.ONLINE, False: T.OFFLINE, None: T.FAULT}
    return (Signal(device=device, family=NAME, type=kinds[reading.truth(word)], retained=retained),)


def _event(device: str | None, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """A Contact ID event of the base unit. Who entered which PIN (``user_id``) is nobody's business here."""
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    if reading.repeats_key(payload, "event_code") or reading.repeats_key(payload, "event_qualifier"):
        return unreadable(device, NAME, retained=retained)
    findings = Findings()
    for name in ("zone", "event_qualifier"):
        if word := reading.text(said.get(name), 32):
            findings.measurements[name.removeprefix("event_")] = word
    findings.text = f"zone {findings.measurements['zone']}" if "zone" in findings.measurements else ""
    _contact_id(said, findings)
    return findings.signals(device, NAME, retained=retained)


def _contact_id(said: dict[str, Any], findings: Findings) -> None:
    code = reading.text(said.get("event_code"), 64)
    restored = codes.key(reading.text(said.get("event_qualifier"), 16)) == "restore"
    if (name := codes.key(code)) in codes.CODES:
        _say(codes.CODES[name], code, findings, restored=restored)
    elif codes.key(reading.text(said.get("event_category"), 32)) == "alarm":
        suspect = None if restored else Suspect.UNKNOWN_CODE
        findings.add(T.CANCEL if restored else T.SOS, suspect=suspect, text=code or "no code")
    else:
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=code or "no code")


def _code(word: str, topic: str, findings: Findings, *, restored: bool) -> None:
    """A plain code: of a device (``Trigger``), or the twin of a base unit's event (``ACPowerLoss``)."""
    name = codes.key(word)
    if name == "trigger":
        kind = _triggered(topic)
        findings.measurements[kind.value] = True
        findings.add(kind)
    elif name == "button":
        findings.measurements["button"] = word
        findings.add(T.PRESS, gesture="single")
    elif name in ("open", "close", "closed"):
        findings.measurements["open"] = name == "open"
        findings.add(T.DOOR)
    elif name in ("heartbeat", "poweronreset", "newbattery", "reading"):
        findings.text = "powered on" if name in ("poweronreset", "newbattery") else ""
    elif name in _MODES:
        findings.quiet = True  # arming the burglar part neither calls nor silences a call
    elif name in codes.CODES:
        _say(codes.CODES[name], word, findings, restored=restored)
    else:
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=word[:64])


def _say(kind: SignalType | None, code: str, findings: Findings, *, restored: bool) -> None:
    if kind is None:
        findings.quiet = True
    elif not restored:
        note = f"{code} {findings.text}".strip()
        findings.add(kind, text=note if kind in (T.FAULT, T.OFFLINE) else "")
    elif kind in codes.RESTORED:
        findings.add(codes.RESTORED[kind])
    elif kind in codes.CANCELLED:
        findings.add(T.CANCEL, text=f"{code} restored")
    else:
        findings.measurements[kind.value] = False


def _triggered(topic: str) -> SignalType:
    """What a ``Trigger`` means, by the last name in the device's topic: the message does not say which device it is."""
    kind = plain_words.sense_of(_parent(topic).rpartition("/")[2])
    return kind if kind is not None and kind in codes.TRIGGERS else T.SOS


def _state(word: str, topic: str, findings: Findings) -> None:
    """The device's own topic: a reading of a sensor; On and Off are simulated by the bridge, after 30 s by itself."""
    findings.quiet = True
    name = codes.key(word)
    if name in ("open", "closed"):
        findings.measurements["open"] = name == "open"
        findings.add(T.DOOR)
    elif name not in ("on", "off", "none", *_MODES) and (figure := reading.number(word)) is not None:
        plain_words.read(topic.rpartition("/")[2], figure, findings)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "home/alarm/event",
        "home/alarm/event_code",
        "home/alarm/restore_code",
        "home/alarm/is_connected",
        "home/+/event_code",
        "home/+/+/event_code",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    rank=6,
    overhears=None,
)
