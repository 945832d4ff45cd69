"""Room presence: which room's receiver hears a beacon best, by Home Assistant's mqtt_room format and ESPresense.

Sources: Home Assistant, integration ``mqtt_room``; ESPresense, "MQTT". The topic's last level is the room, the beacon
stands in the payload. A beacon's ``name`` is often a person's, and is not read.
"""

from __future__ import annotations

import re
from typing import Final

from devices.addresses import NAMES
from devices.family import Family
from devices.shared import reading
from devices.shared.finding import Findings, unaddressed, unreadable
from devices.signal import Signal, SignalType

T = SignalType
NAME: Final = "ha_mqtt_room"
_ROOM = re.compile(r"(?:[^/]+/)?room_presence/(?P<room>[^/]+)")
_ESPRESENSE = re.compile(r"(?:[^/]+/)?espresense/devices/(?P<device>[^/]+)/(?P<room>[^/]+)")
_SENSORS: Final = {"motion": T.MOTION, "button": T.PRESS}
"""What may be wired to a receiver's pins."""
_STATION = re.compile(r"(?P<station>(?:[^/]+/)?espresense/rooms/[^/]+)/(?P<what>status|telemetry|[a-z_]+)")


def matches(topic: str) -> bool:
    """Whether a receiver tells of a beacon, or of itself."""
    return (
        _ROOM.fullmatch(topic) is not None
        or _ESPRESENSE.fullmatch(topic) is not None
        or _STATION.fullmatch(topic) is not None
    )


def address(topic: str) -> str | None:
    """The beacon, where the topic names it, or the receiver of its own topics."""
    if match := _ESPRESENSE.fullmatch(topic):
        return match["device"]
    match = _STATION.fullmatch(topic)
    return match["station"] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if not payload:
        return ()
    if match := _STATION.fullmatch(topic):
        return _station(match["station"], match["what"], payload, retained=retained)
    match = _ESPRESENSE.fullmatch(topic) or _ROOM.fullmatch(topic)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unaddressed(NAME, retained=retained)
    device = reading.text(said.get("id"), 100) or (match.groupdict().get("device") if match else None)
    if not device:
        return unaddressed(NAME, retained=retained)
    findings = Findings(battery=reading.percent(said.get("battery", said.get("batt"))))
    room = match["room"] if match else topic.rpartition("/")[2]
    findings.measurements["zone"] = room
    for name in ("distance", "rssi"):
        if (figure := reading.number(said.get(name))) is not None:
            findings.measurements[name] = figure
    findings.add(T.LOCATION)
    return findings.signals(device, NAME, retained=retained)


def _station(station: str, what: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    findings = Findings()
    if what == "status":
        word = payload[:40].decode("utf-8", "replace").strip('\x00 \t\r\n"').lower()
        kinds = {"online": T.ONLINE, "offline": T.OFFLINE}
        findings.add(kinds.get(word, T.FAULT), text="" if word in kinds else "the status could not be read")
    elif what in _SENSORS:
        on = reading.truth(payload[:16].decode("utf-8", "replace").strip('\x00 \t\r\n"'))
        if on is None:
            return unreadable(station, NAME, retained=retained)
        findings.measurements[what] = on
        findings.quiet = True
        if what == "motion" or on:
            findings.add(_SENSORS[what], gesture="single" if what == "button" else None)
    elif what != "telemetry":
        return ()
    return findings.signals(station, NAME, retained=retained)


def gateway(topic: str, payload: bytes) -> str:
    """The room's receiver, by the name that its own topics have."""
    del payload
    if _ESPRESENSE.fullmatch(topic) is not None:
        base, _, room = topic.rsplit("/", 2)
        return f"{base.removesuffix('devices')}rooms/{room}"
    match = _STATION.fullmatch(topic)
    return match["station"] if match else topic


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "room_presence/+",
        "espresense/devices/+/+",
        "espresense/rooms/+/status",
        "espresense/rooms/+/telemetry",
        "espresense/rooms/+/motion",
        "espresense/rooms/+/button",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    gateway=gateway,
    rank=3,
)
