"""What a "thing model" says, whichever Chinese cloud's dialect brought it: properties and events by identifier.

Each platform's module takes its own envelope apart into `Item` values; here they get a meaning. An event that nobody
knows is an alarm of a life-safety device until somebody knows better; a property that nobody knows is a measurement
without a figure, for what nobody copies cannot leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from devices.shared import chinese, places, reading, thing_model_told, vitals
from devices.shared import thing_model_words as tables
from devices.shared.finding import ALARMS, Findings, Found
from devices.signal import Signal, SignalType, Suspect

T = SignalType
MAX_ITEMS = 256
MAX_DEVICES = 32
_PERCENT = frozenset({"battery", "batterypercentage", "batterylevel", "batterycapacity", "electricity", "bat"}) | {
    "batterypercent",
    "electricquantity",
    "dianliang",
    "wirelesselectricity",
}
_BATTERY_STATES = frozenset({"batterystate", "batterystatus"})
_RADIO = frozenset({"rssi", "csq", "rsrp", "snr", "signal", "signalstrength", "wifirssi", "networkrssi"})
_QUIET = _PERCENT | _BATTERY_STATES | _RADIO
_CALLS = frozenset({T.SOS, T.FALL})
_TELLING = frozenset({"button", "key", "action", "status", "state", "event", "alarm", "report", "msg", "message"})
"""Names whose value may be the alarm's name: ``{"status": "sos"}``, but not ``{"deviceType": "sos"}``."""
_ALARMING = frozenset({"alarm", "alarms", "alert", "alerts", "event", "events", "warning", "warnings"})
_DEEPEST = 3
_SCENE = re.compile(
    r"(switch|button|key|scene|action|click|knob)(?:_?(?:mode|type|event|state|status))?_?\d*(?:_?value)?"
)
_GESTURES = {
    "double": "double",
    "triple": "triple",
    "long": "long",
    "hold": "long",
    "single": "single",
    "click": "single",
}
"""The words of a gesture, the telling ones first: a ``double_click`` is a click, too."""
_PRESSED = frozenset({"press", "pressed", "push", "pushed", "down"})
_STATES = 9
_WORD = re.compile(r"[a-z_ \u4e00-\u9fff]{1,32}\d?")
_LEGACY, _LEGACY_NORMAL = frozenset({T.SMOKE, T.GAS, T.CO}), "2"
"""Tuya's ``smoke_sensor_state`` of old: "1" is an alarm, "2" is none."""
_SHUT = frozenset({"close", "closed", "shut", "off", "leave", "left", "absent", "clear", "cleared", "stop"})
_AMBIENT = {"temperature": "temperature", "currenttemperature": "temperature", "humidity": "humidity"} | {
    "currenthumidity": "humidity",
    "relativehumidity": "humidity",
    "batteryvalue": "battery_value",
}


class Item(NamedTuple):
    """One property or event of one device.

    Attributes:
        name: The identifier in the product's model.
        value: As sent; an event's is the object of its output parameters.
        at: The device's own time of it.
        event: An event, else a property.
        level: The platform's own word for how bad it is (``info``, ``alert``, ``fault``, ``error``), if it has one.
    """

    name: str
    value: object
    at: datetime | None = None
    event: bool = False
    level: str = ""


def unwrap(value: object, at: datetime | None = None) -> tuple[object, datetime | None]:
    """``{"value": …, "time": …}`` or the bare value, with the time it names or the one given."""
    if isinstance(value, dict) and "value" in value and len(value) <= 4:  # noqa: PLR2004 - value, time and two more
        return value["value"], reading.instant(value.get("time")) or at
    return value, at


def properties(fields: object, at: datetime | None = None) -> Iterable[Item]:
    """The items of ``{"Power": "on"}``, ``{"Power": {"value": …, "time": …}}`` or ``{"Power": [{…}, {…}]}``."""
    fields = thing_model_told.opened(fields)
    for name, value in list(fields.items())[:MAX_ITEMS] if isinstance(fields, dict) else ():
        for one in value[-MAX_ITEMS:] if isinstance(value, list) and value and isinstance(value[0], dict) else (value,):
            yield Item(name, *unwrap(one, at))


def events(fields: object, at: datetime | None = None) -> Iterable[Item]:
    """As `properties`, of events."""
    return (one._replace(event=True) for one in properties(fields, at))


def signals(
    device: str, family: str, items: Iterable[Item], *, ref: str | None, at: datetime | None, retained: bool
) -> tuple[Signal, ...]:
    """Say what the items of one device mean; what is a day older than the newest of them is history."""
    kept = list(items)[:MAX_ITEMS]
    times = [one.at for one in kept if one.at is not None]
    newest = max(times, default=at)
    several = len(times) > 1 and min(times) != newest
    findings = Findings(at=newest, ref=ref, worn=vitals.is_worn(one.name for one in kept))
    for one in sorted(kept, key=_time) if several else kept:  # so that the newest figure stays
        old = one.at is not None and newest is not None and not reading.recent(one.at, newest)
        before = len(findings.found)
        (_event if one.event else _property)(one, findings)
        if old:
            past = findings.found[before:]
            findings.found[before:] = [found for found in past if found.type not in ALARMS and found.suspect is None]
    if several:  # of several alarms of one kind, the newest is told
        findings.found.sort(key=_time, reverse=True)
    return findings.signals(device, family, retained=retained)


def key(message: object, at: object) -> str | None:
    """A reference from the message's id and its own time.

    Firmware counts its ids from 1 after each start, or sends ``"123"`` for ever, as the manuals' examples do. The id
    alone would make a repeat of tomorrow's press; without a time there is no reference, and repeats are told by time.
    """
    number, when = reading.text(message, 100), reading.instant(at)
    return f"{number}@{int(when.timestamp() * 1000)}" if number and when is not None else None


def _time(one: Item | Found) -> float:
    return one.at.timestamp() if one.at is not None else float("-inf")


def _add(findings: Findings, kind: SignalType, one: Item, *, suspect: Suspect | None = None, text: str = "") -> None:
    gesture = "single" if kind is T.PRESS else None
    findings.found.append(Found(kind, gesture, suspect, text, one.at))


def _event(one: Item, findings: Findings) -> None:
    output = thing_model_told.output(one.value)
    _outputs(output, findings)
    kind = tables.event(one.name)
    if kind is None or kind is T.FAULT:
        kind = thing_model_told.told(output) or kind
    label = reading.text(one.name, 64)
    if kind is None or (kind is T.HEARTBEAT and one.level in ("alert", "alarm", "error")):
        # A product whose only event is called "e1" may be a call button.
        if one.level == "fault":
            _add(findings, T.FAULT, one, text=f"event {label}")
        else:
            _add(findings, T.FAULT, one, suspect=Suspect.UNKNOWN_CODE, text=f"event {label}")
        return
    if kind is T.HEARTBEAT:
        return
    if kind in (T.DOOR, T.MOTION, T.PRESENCE):
        findings.measurements[_state_name(kind, one.name)] = not tables.words(one.name) & _SHUT
    if kind is T.PRESS:
        findings.measurements["button"] = label
    _add(findings, kind, one, text=f"event {label}" if kind in (T.FAULT, T.CANCEL) else "")


def _outputs(output: Mapping[str, Any], findings: Findings) -> None:
    """What comes along with an event: figures and the place, never an alarm of its own."""
    vitals.read(output.items(), findings, worn=findings.worn or vitals.is_worn(output))
    for name, value in list(output.items())[:16]:
        squeezed = vitals.key(name)
        if squeezed in _PERCENT:
            findings.battery = reading.percent(value)
        elif isinstance(value, dict):
            places.read(value, findings)
    places.read(output, findings)


def _property(one: Item, findings: Findings, depth: int = 1) -> None:
    squeezed = "battery" if one.name in ("电量", "电池电量", "剩余电量") else vitals.key(one.name)
    if squeezed in _QUIET and _quiet(squeezed, one, findings):
        return
    if isinstance(one.value, dict) and places.read(one.value, findings):
        _add(findings, T.LOCATION, one)
        return
    _inside(one, findings, depth)
    if squeezed in places.COORDINATES:
        if places.read_half(squeezed, one.value, findings):
            _add(findings, T.LOCATION, one)
        return
    if not findings.worn and vitals.bare(one.name) is not None and (figure := reading.number(one.value)) is not None:
        findings.measurements[reading.text(one.name, 32)] = figure
    elif (vital := vitals.name_of(one.name, worn=findings.worn)) is not None:
        if (figure := vitals.sane(vital, one.value)) is not None:
            findings.measurements[vital] = figure
    elif _scene(one, findings) or _says(one, findings) or _flag(one, findings) or _trouble(one, findings):
        return
    elif (name := _AMBIENT.get(squeezed)) is not None and (figure := reading.number(one.value)) is not None:
        findings.measurements[name] = figure
    _add(findings, T.MEASUREMENT, one)


def _inside(one: Item, findings: Findings, depth: int) -> None:
    """A structure's fields are properties of their own: ``{"data": {"sos": 1}}``."""
    inner = thing_model_told.opened(one.value)
    if not isinstance(inner, dict | list) or depth >= _DEEPEST or tables.is_setting(one.name):
        return
    if tables.words(one.name) & _ALARMING or "报警" in one.name or "告警" in one.name:
        for kind in thing_model_told.listed(inner):
            if kind is not None and kind is not T.HEARTBEAT:
                _add(findings, kind, one)
            elif isinstance(inner, list):
                _add(findings, T.FAULT, one, suspect=Suspect.UNKNOWN_CODE, text=reading.text(one.name, 64))
    if isinstance(inner, dict):
        findings.worn = findings.worn or vitals.is_worn(list(inner)[:16])
        for name, value in list(inner.items())[:16]:
            _property(Item(name, *unwrap(value, one.at)), findings, depth + 1)


def _quiet(squeezed: str, one: Item, findings: Findings) -> bool:
    """Battery and signal strength: no reason to call a heartbeat a measurement."""
    if squeezed in _BATTERY_STATES:
        _battery_state(one, findings)
        return True
    if squeezed in _RADIO:
        if (strength := reading.number(one.value)) is not None:
            findings.measurements["rssi"] = strength
        return True
    level = reading.percent(one.value)
    if level is not None:
        findings.battery = level
    return level is not None


def _scene(one: Item, findings: Findings) -> bool:
    """A wireless switch tells its gesture: ``switch_mode1: "click"``. Tuya's ``press`` there is a long one."""
    match = _SCENE.fullmatch(one.name.lower()[:64]) if isinstance(one.value, str) else None
    parts = set(reading.words(str(one.value))) if match else set()
    gesture = next((said for word, said in _GESTURES.items() if word in parts), None)
    if match and gesture is None and parts & _PRESSED:
        gesture = "long" if match[1] == "switch" else "single"
    if gesture is None:
        return False
    findings.measurements["button"] = reading.text(one.name, 64)
    findings.found.append(Found(T.PRESS, gesture, None, "", one.at))
    return True


def _says(one: Item, findings: Findings) -> bool:
    """``status: "sos"``: the value, and not the name, is the call."""
    if not isinstance(one.value, str) or not tables.words(one.name) & _TELLING or tables.is_setting(one.name):
        return False
    kind = tables.event(one.value[:64])
    if tables.words(one.value) and tables.words(one.value) <= _ALARMING and tables.meaning(one.name) is None:
        _add(findings, T.FAULT, one, suspect=Suspect.UNKNOWN_CODE, text=_named(one, one.value.lower()[:64]))
        return True
    if kind not in _CALLS or chinese.truth(one.value) is False or tables.words(one.value) & tables.NO:
        return False
    _add(findings, kind, one)
    return True


def _flag(one: Item, findings: Findings) -> bool:
    """A property that is an alarm's state; False if it is something else."""
    kind = None if tables.is_setting(one.name) else tables.meaning(one.name)
    if kind is None:
        return _nameless_alarm(one, findings)
    if one.value is None or isinstance(one.value, dict | list) or (kind not in _CALLS and _is_figure(one.value)):
        return False  # unknown, a bundle, or a meter's reading: no state
    word = reading.text(one.value, 64).strip().lower()
    on = _is_on(kind, one, word)
    if kind in (T.DOOR, T.MOTION, T.PRESENCE):
        if on is not None:
            findings.measurements[_state_name(kind, one.name)] = on
            left = kind is T.PRESENCE and tables.meaning(word) is T.BED_EXIT
            _add(findings, T.BED_EXIT if left else kind, one)
        return on is not None
    if on is None:
        _add(findings, T.FAULT, one, suspect=Suspect.UNKNOWN_CODE, text=_named(one, word))
        return True
    findings.measurements[kind.value] = on
    if on:
        if kind is T.PRESS:
            findings.measurements["button"] = reading.text(one.name, 64)
        _add(findings, kind, one)
    return True


def _is_on(kind: SignalType, one: Item, word: str) -> bool | None:
    """Yes, no, or None for a value that nobody knows."""
    if word == _LEGACY_NORMAL and kind in _LEGACY and "state" in tables.words(one.name):
        return False
    on = reading.truth(one.value)
    if on is None:
        on = _word(word, one.name)
    if on is None and kind in (T.PRESENCE, T.MOTION) and _WORD.fullmatch(word):
        still = tables.words(word) & {"static", "still", "peaceful"} and kind is T.MOTION
        return not still and tables.meaning(word) is not T.BED_EXIT  # peaceful, small_move, large_move
    return on


def _nameless_alarm(one: Item, findings: Findings) -> bool:
    """``alarm: 1`` says not what about."""
    if isinstance(one.value, dict | list):
        return False
    named = tables.words(one.name) & {"alarm", "alert", "warning"} or "报警" in one.name or "告警" in one.name
    if not named or tables.is_setting(one.name):
        return False
    word = reading.text(one.value, 64).strip().lower()
    kind = tables.event(word) if isinstance(one.value, str) else None
    on = reading.truth(one.value)
    if kind is not None and kind is not T.HEARTBEAT:
        _add(findings, kind, one)
    elif on or (on is None and word not in tables.CALM and chinese.truth(word) is not False):
        _add(findings, T.FAULT, one, suspect=Suspect.UNKNOWN_CODE, text=_named(one, word))
    else:
        findings.measurements["alarm"] = False
    return True


def _trouble(one: Item, findings: Findings) -> bool:
    """``fault: 1``, ``checking_result: "radar_fault"``: the device about itself."""
    word = reading.text(one.value, 64).strip().lower()
    about_itself = tables.is_trouble(one.name) and (reading.truth(one.value) or word not in tables.CALM)
    if not about_itself and not (isinstance(one.value, str) and tables.is_trouble(word)):
        return False
    _add(findings, T.FAULT, one, text=_named(one, word))
    return True


def _is_figure(value: object) -> bool:
    """More than a state's number: a meter's reading under an alarm's name (``water: 12.5``)."""
    figure = None if isinstance(value, bool) else reading.number(value)
    return figure is not None and (figure != int(figure) or not 0 <= figure <= _STATES)


def _named(one: Item, word: str) -> str:
    """Name and value for a person to read; a value that could be a phone number stays out."""
    name = reading.text(one.name, 64)
    shown = word.isascii() or chinese.kind_of(word) is not None or chinese.truth(word) is not None
    return f"{name} {word}" if shown and _WORD.fullmatch(word) else name


def _word(word: str, name: str) -> bool | None:
    """An enumeration's value: calm, the alarm itself, or neither of them."""
    if word in tables.CALM:
        return False
    if (said := chinese.truth(word)) is not None:
        return said
    parts = tables.words(word)
    if parts & tables.NO:
        return False
    loud = {"alarm", "alert", "trigger", "triggered", "detected", "happen", "sos", "low", "yes", "1"} | _PRESSED
    loud |= {"call", "calling", "activated", "happened", "help"} | _GESTURES.keys()
    return True if parts & (loud | tables.words(name)) or tables.meaning(word) is tables.meaning(name) else None


def _state_name(kind: SignalType, name: str) -> str:
    if kind is T.DOOR:
        return "open"
    return "in_bed" if "bed" in tables.words(name) else kind.value


def _battery_state(one: Item, findings: Findings) -> None:
    """Tuya's ``low``, ``middle``, ``high``."""
    word = reading.text(one.value, 16).strip().lower()
    low = word in ("low", "lower", "empty", "critical")
    findings.measurements["battery_low"] = low
    if low:
        _add(findings, T.BATTERY_LOW, one)


def gather(found: Sequence[tuple[Signal, ...]]) -> tuple[Signal, ...]:
    """The signals of several devices of one message, bounded."""
    return tuple(signal for signals_ in found[:MAX_DEVICES] for signal in signals_)[:MAX_DEVICES]
