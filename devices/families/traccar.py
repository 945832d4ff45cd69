"""Traccar: the bridge for cellular pendants, watches and trackers, by its event and position forwarding to MQTT.

Source: traccar, ``forward/EventForwarderMqtt``, ``PositionForwarderMqtt`` and the model classes Event, Position,
Device. The device is in the payload; its topic is whatever ``forward.topic`` says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from devices.addresses import IMEI
from devices.family import Family, Overhears
from devices.shared import reading, wording
from devices.shared.finding import ALARMS, Findings, unaddressed
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "traccar"
T = SignalType
_OLD = timedelta(hours=24)
_WATCH_BITS: Final = {16: T.SOS, 21: T.FALL, 22: T.FALL, 20: T.TAMPER, 0: T.BATTERY_LOW, 17: T.BATTERY_LOW}

ALARM_WORDS: Final[Mapping[str, SignalType | None]] = {
    "sos": T.SOS,
    "accident": T.SOS,
    "falldown": T.FALL,
    **dict.fromkeys(("geofence", "geofenceexit"), T.WANDER),
    **dict.fromkeys(("lowbattery", "lowpower"), T.BATTERY_LOW),
    "powercut": T.MAINS_LOST,
    "powerrestored": T.MAINS_BACK,
    "poweroff": T.OFFLINE,
    "poweron": T.ONLINE,
    **dict.fromkeys(("tampering", "removing", "gpsantennacut", "bonnet"), T.TAMPER),
    **dict.fromkeys(("fault", "jamming", "temperature", "fuelleak"), T.FAULT),
    **dict.fromkeys(("vibration", "movement", "shock", "tow"), T.MOTION),
    "door": T.DOOR,
    **dict.fromkeys(
        (
            "geofenceenter",
            "lowspeed",
            "overspeed",
            "lock",
            "unlock",
            "idle",
            "highrpm",
            "hardacceleration",
            "hardbraking",
            "hardcornering",
            "lanechange",
            "fatiguedriving",
            "parking",
            "footbrake",
        ),
        None,
    ),
}
"""``alarm`` in lower case. What a car says of its driver means nothing; ``general`` and what is not here is unknown."""
_EVENTS: Final[Mapping[str, SignalType | None]] = {
    "deviceonline": T.ONLINE,
    **dict.fromkeys(("deviceoffline", "deviceunknown", "deviceinactive"), T.OFFLINE),
    "geofenceexit": T.WANDER,
    "geofenceenter": None,
    **dict.fromkeys(("devicemoving", "devicestopped"), T.MOTION),
    "alarm": None,
    **dict.fromkeys(
        (
            "commandresult",
            "queuedcommandsent",
            "deviceoverspeed",
            "devicefueldrop",
            "devicefuelincrease",
            "ignitionon",
            "ignitionoff",
            "deviceidle",
            "maintenance",
            "driverchanged",
            "media",
            "textmessage",
        ),
        None,
    ),
}
_COMPUTED: Final[Mapping[str, SignalType]] = {
    **dict.fromkeys(("sos", "sosalarm", "sosbutton", "panic", "panicbutton", "emergency", "help"), T.SOS),
    **dict.fromkeys(("fall", "falldown", "falldetected", "mandown"), T.FALL),
}
"""Names that computed attributes give to an alarm, as flags of their own; without capitals and lines."""
_TELTONIKA: Final[Mapping[int, SignalType]] = {236: T.SOS, 242: T.FALL}
"""AVL ids of Teltonika's personal trackers: 236 the alarm button, 242 man down."""
_PRESSED: Final[Mapping[int, tuple[str, str]]] = {
    0x11: ("alarm button", "single"),
    0x12: ("alarm button", "double"),
    0x13: ("alarm button", "long"),
    0x21: ("power button", "single"),
    0x22: ("power button", "double"),
    0x23: ("power button", "long"),
}
"""AVL id 389, which button was clicked how (TMT250, "Keyboard functionality")."""
_BUTTON_IO: Final = 389
_INPUTS: Final = range(1, 5)
_PANIC: Final = 2
"""Teltonika's priorities of a record: 0 low, 1 high, 2 panic."""
_MEASURED: Final = {
    "heartRate": "heart_rate",
    "steps": "steps",
    "pressureHigh": "systolic",
    "pressureLow": "diastolic",
    "bloodOxygen": "spo2",
    "temp1": "temperature",
    "humidity": "humidity",
}


def matches(topic: str) -> bool:
    """Whether the topic begins with ``traccar/``; for any other ``forward.topic`` name the family."""
    return topic.startswith("traccar/")


def address(topic: str) -> str | None:  # noqa: ARG001 - the shape of Family.address
    """None: all devices share the topic."""
    return None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:  # noqa: ARG001 - see address
    """Read one event or position; see `Family.decode`."""
    if not payload:
        return ()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unaddressed(NAME, retained=retained)
    event, position = _part(said, "event"), _part(said, "position")
    if not event and not position:  # the old form, and `forward.type=url` bodies: the thing itself
        event, position = (said, {}) if "eventTime" in said else ({}, said)
    device = _device(_part(said, "device"), event, position)
    if device is None and "type" not in event and "attributes" not in position:
        return unaddressed(NAME, retained=retained)
    findings = Findings()
    _read(event, position, findings)
    _account(_part(said, "device"), position, findings)
    return findings.signals(device, NAME, retained=retained)


def attributes(said: object) -> dict[str, object]:
    """What the device itself said, of a position that is no old record; without what has been read of it."""
    if not isinstance(said, dict):
        return {}
    found = _part(_part(said, "position") or said, "attributes")
    if reading.truth(found.get("archive")):
        return {}
    return {name: value for name, value in found.items() if name not in ("alarm", "result")}


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object; an empty ``attributes`` comes as an array from some versions."""
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _device(device: Mapping[str, Any], event: Mapping[str, Any], position: Mapping[str, Any]) -> str | None:
    """The unique ID (for most devices the IMEI); without it, Traccar's own number for the device."""
    return (
        reading.text(device.get("uniqueId"), 64)
        or reading.text(event.get("deviceId") or position.get("deviceId") or device.get("id"), 64)
        or None
    )


def _read(event: Mapping[str, Any], position: Mapping[str, Any], findings: Findings) -> None:
    taken = reading.instant(position.get("deviceTime")) or reading.instant(position.get("fixTime"))
    findings.at = reading.instant(event.get("eventTime")) or taken
    findings.ref = _ref(event, position, findings.at)
    if event:
        _event(event, findings)
    said = (_part(event, "attributes").get("alarm"), _part(position, "attributes").get("alarm"))
    for word in dict.fromkeys(part.strip() for one in said for part in _words(one).split(",")):
        _alarm(word, findings)
    if _is_history(position, taken):
        findings.found = [one for one in findings.found if one.type not in ALARMS]
        findings.measurements["archive"] = True
        findings.quiet = False
    told = bool(findings.found)
    _position(position, findings, past="archive" in findings.measurements)
    if told:  # the place is where it happened, and not what happened
        findings.found = [one for one in findings.found if one.type is not T.LOCATION]
    elif reading.text(event.get("type"), 32) == "geofenceEnter":
        findings.add(T.LOCATION)


def _words(alarm: object) -> str:
    """A comma list; an array or an object of names, should somebody's attribute script make one."""
    if isinstance(alarm, list | dict):
        listed = list(alarm.values() if isinstance(alarm, dict) else alarm)[:16]
        return ",".join(reading.text(one, 64) for one in listed)
    return reading.text(alarm, 500).replace(";", ",")


def _account(device: Mapping[str, Any], position: Mapping[str, Any], findings: Findings) -> None:
    """Whose time is over in Traccar, or who is disabled there, is not heard for long: Traccar hangs up on it."""
    over = reading.instant(device.get("expirationTime"))
    now = reading.instant(position.get("serverTime")) or findings.at
    if reading.truth(device.get("disabled")) or (over is not None and now is not None and over <= now):
        findings.add(T.FAULT, text="its account in Traccar is disabled or has ended")


def _ref(event: Mapping[str, Any], position: Mapping[str, Any], at: datetime | None) -> str | None:
    """One alarm comes on both topics and is known by its position; an event without one by its own number.

    The time is part of the key, because numbers start anew with a new database.
    """
    moment = f"@{at.isoformat()}" if at else ""
    if number := reading.number(position.get("id") or event.get("positionId")):
        return f"position {number}{moment}"
    number = reading.number(event.get("id"))
    return f"event {number}{moment}" if number else None


def _event(event: Mapping[str, Any], findings: Findings) -> None:
    word = reading.text(event.get("type"), 64).lower()
    if word not in _EVENTS:
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"event {word}")
    elif kind := _EVENTS[word]:
        findings.add(kind)
        if kind is T.MOTION:
            findings.measurements["motion"] = word == "devicemoving"
    elif word == "alarm" and not _words(_part(event, "attributes").get("alarm")):
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text="an alarm without a name")
    elif word == "textmessage" and (kind := _texted(event)):
        findings.add(kind)
    elif word != "alarm":
        findings.quiet = True


def _texted(event: Mapping[str, Any]) -> SignalType | None:
    """A pendant that lost its data connection calls for help by text message."""
    kind = wording.kind_of(reading.text(_part(event, "attributes").get("message"), 120))
    return kind if kind in (T.SOS, T.FALL, T.BATTERY_LOW) else None


def _alarm(word: str, findings: Findings) -> None:
    name = word.lower().removeprefix("alarm_").replace("_", "")
    if not name:
        return
    if name not in ALARM_WORDS:
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"alarm {word}")
        return
    kind = ALARM_WORDS[name]
    if kind is T.BATTERY_LOW:
        findings.measurements["battery_low"] = True
    if kind is not None:
        findings.add(kind, text=f"alarm {word}" if kind is T.FAULT else "")


def _position(position: Mapping[str, Any], findings: Findings, *, past: bool) -> None:
    found = _part(position, "attributes")
    findings.battery = reading.percent(found.get("batteryLevel"))
    if (volts := reading.number(found.get("battery"))) is not None:
        findings.measurements["battery_voltage"] = volts
    if not past:
        _flags(found, findings)
        _teltonika(found, findings)
    for key, name in _MEASURED.items():
        if (figure := reading.number(found.get(key))) is not None and figure > 0:
            findings.measurements[name] = figure
            if name != "steps":
                findings.add(T.MEASUREMENT)
    if not past:
        _watch(position, found, findings)
    if place := reading.position(position.get("latitude"), position.get("longitude")):
        findings.position = place
        accuracy = reading.number(position.get("accuracy"))
        findings.accuracy_m = float(accuracy) if accuracy and accuracy > 0 else None
        findings.add(T.LOCATION)


def _flags(found: Mapping[str, Any], findings: Findings) -> None:
    for name in found:
        kind = _COMPUTED.get(_SQUEEZE.sub("", name[:32].lower()))
        if kind is not None and reading.truth(found[name]):
            findings.add(kind)


def _teltonika(found: Mapping[str, Any], findings: Findings) -> None:
    """The AVL id that caused the record, what it says, and how urgent the tracker is set to take it.

    Traccar names the button's alarm ``general`` and man down not at all. A record of panic priority is a call, unless
    what caused it has just ended.
    """
    cause = reading.number(found.get("event"))
    causes = {int(cause)} if cause is not None and found.get("priority") is not None else set()
    for number, kind in _TELTONIKA.items():
        level = reading.truth(found.get(f"io{number}"))
        if level or (number in causes and level is None):
            findings.found = [one for one in findings.found if one.text not in _GENERAL]
            findings.add(kind)
        elif level is False and number in causes:
            findings.add(T.CANCEL, text=f"AVL {number} has ended")
    if _BUTTON_IO in causes or f"io{_BUTTON_IO}" in found:
        _clicked(found.get(f"io{_BUTTON_IO}"), findings)
    for number in _INPUTS if cause in _INPUTS else ():
        if number == cause and any(reading.truth(found.get(f"{name}{number}")) for name in ("in", "di", "io")):
            findings.measurements["button"] = f"in{number}"
            findings.add(T.PRESS, gesture="single")
    if reading.number(found.get("button")):  # of the GH3000
        findings.measurements["button"] = reading.text(found.get("button"), 16)
        findings.add(T.PRESS, gesture="single")
    if reading.number(found.get("priority")) == _PANIC and not any(one.type in ALARMS for one in findings.found):
        findings.add(T.SOS, text="panic priority" + (f", AVL {int(cause)}" if cause else ""))


def _clicked(value: object, findings: Findings) -> None:
    code = reading.number(value)
    if value is not None and not code:
        return
    button, gesture = _PRESSED.get(int(code or 0), ("button", "single"))
    findings.measurements["button"] = button
    findings.add(T.PRESS, gesture=gesture)


_SQUEEZE: Final = re.compile(r"[^a-z]+")
_GENERAL: Final = ("alarm general", "alarm alarm_general")


def _watch(position: Mapping[str, Any], found: Mapping[str, Any], findings: Findings) -> None:
    """Traccar's watch decoder names one alarm only, low battery before SOS: the status bits tell all, where given."""
    if position.get("protocol") != "watch":
        return
    if isinstance(status := found.get("status"), int):
        for bit, kind in _WATCH_BITS.items():
            if status >> bit & 1:
                findings.add(kind)
    elif findings.measurements.get("battery_low"):
        findings.measurements["may_hide_sos"] = True


def _is_history(position: Mapping[str, Any], taken: datetime | None) -> bool:
    """A buffered record that is a day older than its arrival. A clock that is merely wrong does not hide an alarm."""
    arrived = reading.instant(position.get("serverTime"))
    archived = reading.truth(_part(position, "attributes").get("archive"))
    return bool(archived and taken and arrived and arrived - taken > _OLD)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("traccar/#",),
    matches=matches,
    decode=decode,
    addresses=IMEI,
    address=address,
    rank=1,
    overhears=Overhears(flags=False, part=attributes),
)
