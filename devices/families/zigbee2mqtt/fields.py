"""What the fields of a Zigbee2MQTT state message mean, as tables.

Names are those of the ``exposes`` in zigbee-herdsman-converters 26.112. A field that is not here is not read: keypad
PINs (``action_code``), user names and the like cannot leak from what is never copied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.families.zigbee2mqtt.words import ALARM_WORDS, MEASURED, NO_STRANGERS, STATES
from devices.shared import reading
from devices.shared.finding import Findings
from devices.signal import SignalType, Suspect

T = SignalType
_ZONES = ("", "_alarm", "_alarm_1", "_alarm_2", "_detected", *(f"_{n}" for n in range(1, 11)))


def _variants(stem: str, kind: SignalType) -> dict[str, SignalType]:
    return {f"{stem}{suffix}": kind for suffix in _ZONES}


FLAGS: Final[Mapping[str, SignalType]] = {
    # Alarms while true. Many latch or repeat every few seconds: the engine takes repeats as one.
    **_variants("sos", T.SOS),
    **_variants("panic", T.SOS),
    "emergency": T.SOS,
    "emergency_alarm": T.SOS,
    **_variants("smoke", T.SMOKE),
    "fire": T.SMOKE,
    "fire_alarm": T.SMOKE,
    **_variants("carbon_monoxide", T.CO),
    "co_alarm": T.CO,
    **_variants("gas", T.GAS),
    **_variants("water_leak", T.WATER),
    **{
        f"water_leak_{zone}": T.WATER
        for zone in ("zone_1", "zone_2", "both_zones", "wire_1", "wire_2", "wire_3", "wire_4")
    },
    "active_water_leak": T.WATER,
    "water": T.WATER,
    "water_warning": T.WATER,
    "water_condition_alarm": T.WATER,
    "leak": T.WATER,
    "heat": T.HEAT,
    "heat_alarm": T.HEAT,
    "high_temperature": T.HEAT,
    "fall": T.FALL,
    "fall_alarm": T.FALL,
    "fall_detected": T.FALL,
    # Technical while true.
    "tamper": T.TAMPER,
    "tamper_alarm": T.TAMPER,
    "battery_low": T.BATTERY_LOW,
    "low_battery": T.BATTERY_LOW,
    "ac_status": T.MAINS_LOST,  # the IAS bit says "AC fault", not "AC present"
    "test": T.TEST,
    "testing": T.TEST,
    "test_in_progress": T.TEST,
    "button_pushed": T.TEST,  # of Bosch's smoke detector, held for three seconds
    "trouble": T.FAULT,
    "fault": T.FAULT,
    "fault_alarm": T.FAULT,
    "device_fault": T.FAULT,
    "battery_defect": T.FAULT,
    "end_of_life": T.FAULT,
    "lifecycle": T.FAULT,
    "fault_state": T.FAULT,
    "power_alarm_active": T.FAULT,
    **{f"emergency_{what}": T.FAULT for what in ("overheat", "overcurrent", "overvoltage", "undervoltage")},
    # Moments of daily life, told by both values.
    **{name: T.MOTION for stem in ("occupancy", "motion") for name in _variants(stem, T.MOTION)},
    **{f"occupancy_{where}": T.MOTION for where in ("in", "out", "and", "or", "status")},
    **{f"mmwave_area{zone}_occupancy": T.MOTION for zone in range(1, 5)},
    "pir_detection": T.MOTION,
    "motion_status": T.MOTION,
    "presence": T.PRESENCE,
}
_TOLD_BY_BOTH: Final = frozenset({T.MOTION, T.PRESENCE})
_LIFE: Final = frozenset({T.SOS, T.FALL, T.SMOKE, T.HEAT, T.GAS, T.CO, T.WATER})
_FIGURES_TOO: Final = frozenset({"gas", "high_temperature"})
"""A gas meter's reading and a thermostat's limit have the names of alarms."""
_UNNAMED_ALARMS: Final = frozenset(
    {"alarm", "alarm_1", "alarm_2", "alarm_alarm_1", "alarm_alarm_2", "alarm_state", "alarm_status"}
    | {"linkage_alarm_state"}
)
_CALM: Final = frozenset(
    {
        "",
        "none",
        "normal",
        "clear",
        "ok",
        "safe",
        "canceled",
        "cancel",
        "success",
        "no_fault_detected",
        "not_detected",
        "null",
    }
)

NOTED: Final = frozenset({"linkquality", "location_x", "location_y", "action_zone"})
_OTHERS: Final = frozenset(
    {
        "action",
        "battery",
        "last_seen",
        "armmode",
        "arm_mode",
        "click",
        "update",
        "voltage",
        "device_temperature",
        "power_outage_count",
    }
)
_ARMING: Final = frozenset({"armmode", "arm_mode"})
_CONTACTS: Final = frozenset(
    {"contact", "contact_alarm_1", "contact_alarm_2", "garage_door_contact", "dry_contact", "di_status"}
    | {"door_state", "opening_state", "handle_position"}
)
_CLOSED: Final = frozenset({"closed", "close", "contact_closed"})
_OPEN: Final = frozenset({"open", "opened", "tilted", "contact_open", "error_forced_open"})


def known(attribute: str) -> bool:
    """Whether a name is one of the fields read here."""
    return (
        attribute in FLAGS
        or attribute in STATES
        or attribute in MEASURED
        or attribute in NOTED
        or attribute in _OTHERS
        or attribute in _CONTACTS
        or attribute in _UNNAMED_ALARMS
        or attribute in _DETAILS
    )


def read(said: Mapping[str, Any], device: str) -> Findings:
    """Read a state message.

    Args:
        said: The message's object.
        device: The friendly name, which for one kind of device is all there is to tell a bed pad from a door.
    """
    findings = Findings(battery=reading.percent(said.get("battery")), at=reading.instant(said.get("last_seen")))
    for name, value in said.items():
        if (kind := FLAGS.get(name)) is not None:
            _flag(name, kind, value, findings)
        elif (table := STATES.get(name)) is not None:
            _state(name, table, value, findings)
        elif (measured := MEASURED.get(name)) is not None:
            _measure(measured, value, findings)
        elif name in NOTED:
            if (figure := reading.number(value)) is not None:
                findings.measurements[name] = figure
        else:
            _other(name, value, said, device, findings)
    return _doubt(said, findings)


def _flag(name: str, kind: SignalType, value: object, findings: Findings) -> None:
    if isinstance(value, dict | list):
        if value and kind in _LIFE:
            findings.add(kind, suspect=Suspect.UNPARSEABLE)
        return
    if name in _FIGURES_TOO and (figure := reading.number(value)) is not None and figure not in (0, 1):
        return
    yes = reading.truth(value)
    if yes is None and value is not None:
        word = reading.text(value, 64).lower()
        yes = None if word in _CALM else bool(word)
    if yes is None:
        return
    findings.measurements[name] = yes
    if yes or kind in _TOLD_BY_BOTH:
        findings.add(kind)


def _state(name: str, table: Mapping[str, SignalType | None], value: object, findings: Findings) -> None:
    word = reading.text(value, 64).lower()
    if word in table:
        if (kind := table[word]) is not None:
            findings.add(
                kind,
                text=f"{name} {word}" if kind is T.FAULT else "",
                gesture="single" if kind is T.PRESS else None,
            )
            if kind is T.PRESENCE:
                findings.measurements.setdefault("presence", word not in _NOBODY)
    elif name in NO_STRANGERS and (word not in _CALM or (isinstance(value, dict | list) and value)):
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"{name} {word}".rstrip())
    else:
        return
    findings.measurements[name] = word


_NOBODY: Final = frozenset(
    {"none", "none_5min", "none_30min", "unoccupied", "leave", "left_leave", "right_leave", "away"}
)


def _measure(name: str, value: object, findings: Findings) -> None:
    if (figure := reading.number(value)) is not None:
        findings.measurements[name] = figure
        findings.add(T.MEASUREMENT)


def _other(name: str, value: object, said: Mapping[str, Any], device: str, findings: Findings) -> None:
    if name == "action" or (name == "click" and "action" not in said):
        _action(value, said, device, findings)
    elif name in _CONTACTS:
        _contact(value, said, device, findings)
    elif name in _ARMING:
        findings.quiet = True
    elif name in _UNNAMED_ALARMS:
        _unnamed_alarm(name, value, said, findings)
    elif name == "vibration":
        if value is True:
            findings.measurements[name] = value
            findings.add(T.MOTION)
    elif (kind := _DETAILS.get(name)) is not None and kind[1](value):
        findings.add(kind[0])
    elif match := _CALLING.fullmatch(name):
        _flag(name.lower(), T.SOS if match[1] else T.FALL, value, findings)
    elif match := _WIRED.fullmatch(name):
        _wired(name, match[1] or match[2] or "input", value, findings)


def _unnamed_alarm(name: str, value: object, said: Mapping[str, Any], findings: Findings) -> None:
    """A siren that sounds and a generic IAS zone both say ``alarm``: of what, often only the registration knows."""
    word = reading.text(value, 64).lower()
    if word in ALARM_WORDS or word in _CALM:
        if (kind := ALARM_WORDS.get(word)) is not None:
            findings.add(kind, text=f"{name} {word}" if kind is T.FAULT else "")
    elif word == "alarm" and said.get("mode") == "leakage":
        findings.add(T.WATER)
    else:
        note = f"{name} is on" if reading.truth(value) else f"{name} {word}"
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=note)


def _wired(name: str, what: str, value: object, findings: Findings) -> None:
    """What is wired to a box with inputs: a leak cable, a wireless leak sensor, a pull cord."""
    word = reading.text(value, 16).lower()
    if what == "input":
        if word in ("on", "true"):
            findings.measurements["button"] = name
            findings.add(T.PRESS, gesture="on")
    elif word == "leak":
        findings.add(T.WATER)
    elif word == "low":
        findings.add(T.BATTERY_LOW)
    elif word in ("offline", "sensor lost", "short circuit"):
        findings.add(T.FAULT, text=f"{name} {word}")


def _action(value: object, said: Mapping[str, Any], device: str, findings: Findings) -> None:
    if isinstance(value, str):
        read_action(value, findings, device=device, model=_model(said))
    elif value is not None:
        findings.add(T.SOS, suspect=Suspect.UNPARSEABLE)


def _mains_gone(value: object) -> bool:
    return reading.truth(value) is False or value == "disconnected"


def _stirs_no_more(value: object) -> bool:
    return reading.text(value, 64).lower() not in _CALM and reading.truth(value) is not False


_DETAILS: Final[Mapping[str, tuple[SignalType, Callable[[object], bool]]]] = {
    "mains_power_connected": (T.MAINS_LOST, _mains_gone),
    "ac_connected": (T.MAINS_LOST, _mains_gone),
    "static_dwell_alarm": (T.INACTIVITY, _stirs_no_more),
}
_CALLING = re.compile(
    r"(?:(sos|panic|emergency|help)|fall|falling|fallen)(?:_(?:alarm|alert|button|call|event|state|status|detected|pressed|\d))*",
    re.IGNORECASE,
)
"""What converters of people's own call it; settings such as ``fall_sensitivity`` have other words."""
_WIRED = re.compile(
    r"(?:input|channel)_\d{1,2}_(leak_detect|battery_low|wire_break_control|connection_control)_\d{1,2}"
    r"|(status_wire)_\d|input_l\d"
)
_BED_PAD = re.compile(r"spm\s?915|sleep(?:ing)?[ _-]?pad|bed[ _-]?(?:pad|mat|sensor)|床垫", re.IGNORECASE)


def _contact(value: object, said: Mapping[str, Any], device: str, findings: Findings) -> None:
    """``contact: true`` is a closed door; for the bed pad that speaks the same words, an empty bed."""
    word = reading.text(value, 32).lower()
    closed = True if word in _CLOSED else False if word in _OPEN else reading.truth(value)
    if closed is None:
        return
    if _BED_PAD.search(device) or _BED_PAD.search(_model(said)):
        findings.measurements["in_bed"] = not closed
        findings.add(T.PRESENCE)
    else:
        findings.measurements["open"] = not closed
        findings.add(T.DOOR)


def _model(said: Mapping[str, Any]) -> str:
    """The model, where Zigbee2MQTT is set to tell it (``include_device_information``)."""
    about = said.get("device")
    return reading.text(about.get("model") or about.get("modelId"), 64) if isinstance(about, dict) else ""


_CALLS = frozenset({"emergency", "panic", "sos", "help", "fire", "medical"})
_NOT_A_PERSON = frozenset(
    {
        "none",
        "unknown",
        "identify",
        "drop",
        "fall",
        "vibration",
        "tilt",
        "shake",
        "slide",
        "flip",
        "flip90",
        "flip180",
        "wakeup",
        "strike",
        "lock",
        "unlock",
        "locked",
        "unlocked",
        "disarm",
        "arm",
        "armed",
        "arming",
        "disarmed",
        "exit",
        "entry",
    }
)
_LET_GO = frozenset({"release", "released", "stop", "stopped"})
_GESTURES: Mapping[str, str] = {
    **dict.fromkeys(("double", "twice", "doublepress"), "double"),
    **dict.fromkeys(("triple", "tripple"), "triple"),
    **dict.fromkeys(("quadruple", "many", "quintuple"), "many"),
    **dict.fromkeys(("hold", "held", "long", "longpress"), "long"),
    **dict.fromkeys(("single", "click", "press", "pressed", "short", "once", "button"), "single"),
}


def read_action(action: str, findings: Findings, *, device: str, model: str = "") -> None:
    """Read an ``action``: a call for help, a press, or the housekeeping of keypads, locks and cubes.

    An empty action follows a press in version 1: it is no release. ``off`` and ``stop`` are the lower and the middle
    key of a remote, and are reached from the floor; only HS1EB says ``off`` when its one key is let go. A word
    that nobody has told us is a press: the one who registered the device knows better than this table what it is for.
    """
    parts = list(reading.words(action))
    if _CALLS.intersection(parts):
        findings.add(T.SOS, text="fire" if "fire" in parts else "")
    elif "tamper" in parts:
        findings.add(T.TAMPER)
    elif not action.strip() or _is_let_go(parts, f"{device} {model}") or _NOT_A_PERSON.intersection(parts):
        findings.quiet = True
    else:
        gesture = next((said for word, said in _GESTURES.items() if word in parts), None)
        findings.measurements["button"] = reading.text(action, 64)
        findings.add(T.PRESS, gesture=gesture or reading.text(action, 64))


_ONE_KEY: Final = re.compile(r"hs1eb", re.IGNORECASE)


def _is_let_go(parts: list[str], called: str) -> bool:
    """Whether a key is let go, of which the press was told before.

    ``press_or_release_all`` of an EnOcean switch may be either: it is taken for the press. ``stop`` alone is the middle
    key of a blind's remote, ``brightness_stop`` the end of a long press.
    """
    if parts in (["off"], ["stop"]):
        return parts == ["off"] and _ONE_KEY.search(called) is not None
    return bool(_LET_GO.intersection(parts)) and "or" not in parts


def _doubt(said: Mapping[str, Any], findings: Findings) -> Findings:
    """TS0601_sos sends false emergencies at battery 0 (zigbee2mqtt issue 31821): doubted, and still an alarm."""
    level = reading.number(said.get("battery"))
    if level is not None and not 0 < level <= 100:  # noqa: PLR2004 - per cent
        findings.found = [
            type(one)(one.type, one.gesture, one.suspect or Suspect.ODD_BATTERY, one.text, one.at)
            if one.type is T.SOS
            else one
            for one in findings.found
        ]
    return findings
