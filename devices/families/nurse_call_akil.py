"""A room-call receiver: radio call and reset buttons of many rooms behind one box, as ``<client>/<serial>/sosalarm``.

Source: akildevs1004/sos-nurse-calling-system, ``MqttService.php``. A person lives in a room and not in a receiver, so
the device is ``<serial>/<room>``. Room 0 is a room; a room nobody listed still calls. ``OFF`` comes from the reset
button in the room: a fact, not the end of the call.
"""

from __future__ import annotations

import re
from typing import Any, Final

from devices.family import Family
from devices.shared import reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "nurse_call_akil"
_TOPIC = re.compile(r"([^/$][^/]*)/([^/]+)/(sosalarm|heartbeat|config)")
_CLIENT = "xtremesos"
_ON, _OFF = frozenset({"ON", "1", "TRUE"}), frozenset({"OFF", "0", "FALSE"})


def matches(topic: str) -> bool:
    """Whether a receiver calls; its life signs only under the client's usual name, as others have such topics, too."""
    match = _TOPIC.fullmatch(topic)
    return match is not None and (match[3] == "sosalarm" or match[1] == _CLIENT)


def address(topic: str) -> str | None:
    """The receiver's serial number; the room is in the payload."""
    match = _TOPIC.fullmatch(topic)
    return match[2] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    serial = match[2]
    if match[3] != "sosalarm":  # what is in them (addresses, the list of rooms) is not needed
        return (Signal(device=serial, family=NAME, type=SignalType.HEARTBEAT, retained=retained),)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(serial, NAME, retained=retained)
    if reading.repeats_key(payload, "status") or reading.repeats_key(payload, "roomId"):
        return unreadable(serial, NAME, retained=retained)
    return _call(serial, said, retained=retained)


def _call(serial: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    room = reading.text(said.get("roomId"), 32)
    findings = Findings(text=reading.text(said.get("name"), 100))
    if room:
        number = reading.number(room)
        findings.measurements["room"] = room if number is None else number
    status = reading.text(said.get("status"), 16).upper()
    if status in _OFF:
        findings.add(SignalType.CANCEL)
    else:
        known = status in _ON and reading.text(said.get("type"), 32).lower() in ("sos", "")
        findings.add(SignalType.SOS, suspect=None if known else Suspect.UNKNOWN_CODE)
    return findings.signals(f"{serial}/{room}" if room else serial, NAME, retained=retained)


def gateway(topic: str, payload: bytes) -> str:
    """The receiver that all its rooms call by."""
    del payload
    return address(topic) or ""


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("+/+/sosalarm", f"{_CLIENT}/+/heartbeat", f"{_CLIENT}/+/config"),
    matches=matches,
    decode=decode,
    address=address,
    gateway=gateway,
    rank=6,
)
