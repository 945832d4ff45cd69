"""What the fields of rtl_433's decoders mean, model by model where a field alone does not say it.

A field that is not here is not read: the keypad decoders write the PIN in clear text, which cannot leak from what is
never copied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.families.rtl_433 import flex, saying
from devices.families.rtl_433.words import (
    CONTACTS,
    FAHRENHEIT,
    FLAGS,
    MEASURED,
    REMOTE,
    WORDS_IN,
)
from devices.shared import reading
from devices.shared.finding import Findings
from devices.signal import SignalType

T = SignalType


def tells(model: str, field: str) -> bool:
    """Whether one field alone says something; of a doorbell that was heard, its number is all there is."""
    if field == "id":
        return _BELL.search(model) is not None
    return field in _TELLING or _SWITCH.fullmatch(field) is not None


def read(said: Mapping[str, Any], *, whole: bool = True) -> Findings:
    """Read one decoded transmission, or (``whole`` is false) one field of it."""
    findings = Findings(at=reading.instant(said.get("time")))
    _measure(said, findings)
    model = reading.text(said.get("model"), 64).lower()
    match = _MODEL.search(model)
    reader = _MODELS[match[0]] if match else _generic
    if whole or reader not in _WHOLE:
        reader(said, findings)
    elif reader is _interlogix:
        _one_input(said, findings)
    else:
        (reader if "learn" in said else _generic)(said, findings)
    _battery(said, findings)
    return findings


def _measure(said: Mapping[str, Any], findings: Findings) -> None:
    for name, value in said.items():
        if (called := MEASURED.get(name)) is not None and (figure := reading.number(value)) is not None:
            findings.measurements.setdefault(called, figure)
    for name in FAHRENHEIT:
        if name in said and (figure := reading.number(said[name])) is not None:
            findings.measurements.setdefault("temperature", round((figure - 32) * 5 / 9, 2))
    if findings.measurements:
        findings.add(T.MEASUREMENT)


def _battery(said: Mapping[str, Any], findings: Findings) -> None:
    """``battery_ok`` is a level from 0 to 1, which for most sensors knows only these two; some say it only when low."""
    level = reading.number(said.get("battery_ok"))
    word = reading.text(said.get("battery"), 16).upper()
    if level is not None and 0 < level < 1:
        findings.battery = round(level * 100, 1)
    low = level == 0 or word == "LOW" or bool(reading.truth(said.get("battery_low")))
    if low or level is not None or word or "battery_low" in said:
        findings.measurements["battery_low"] = low
    if low and all(one.type in (T.MEASUREMENT, T.HEARTBEAT) for one in findings.found):
        findings.add(T.BATTERY_LOW)


def _generic(said: Mapping[str, Any], findings: Findings) -> None:
    """Fields and words that mean the same in every decoder; a remote that says nothing else was pressed."""
    saying.flags(said, findings)
    for name in WORDS_IN:
        if isinstance(word := said.get(name), str):
            saying.word(word, findings)
    if not any(one.type is T.DOOR for one in findings.found):
        saying.contact(said, findings)
    if "motion" in said and (moves := reading.truth(said["motion"])) is not None:
        findings.found = [one for one in findings.found if one.type is not T.MOTION]
        saying.motion(findings, moves=moves)
    if "encr" in said or "encrypted_status" in said:
        findings.add(T.FAULT, text="encrypted: nobody can tell a press from a sign of life")
    elif reading.truth(said.get("alarm")) and not findings.found:
        saying.unknown(findings, "alarm is set")
    elif flex.is_flex(said):
        flex.read(said, findings)
    elif not findings.found and REMOTE.search(reading.text(said.get("model"), 64)):
        _remote(said, findings)
    elif not findings.found:
        flex.read_unknown_model(said, findings)


def _remote(said: Mapping[str, Any], findings: Findings) -> None:
    for name in said:
        if _KEY.fullmatch(name) and reading.text(said[name], 16).upper() == "PRESSED":
            saying.press(findings, name)
            return
    for name in _REMOTE_FIELDS:
        if name in said and (word := reading.text(said[name], 64)):
            saying.press(findings, word)
            return
    saying.press(findings, "pressed")


_KEY = re.compile(r"button\d")
_SWITCH = re.compile(r"switch[1-5]")
_BELL = re.compile(r"bell|db\d|byron|elro", re.IGNORECASE)
_REMOTE_FIELDS: Final = ("button", "cmd", "command", "code", "control", "rbutton", "unit", "state", "data", "id")
_TELLING: Final = (
    frozenset(_REMOTE_FIELDS)
    | FLAGS.keys()
    | MEASURED.keys()
    | {*FAHRENHEIT, *WORDS_IN, *CONTACTS}
    | {"closed", "motion", "alarm", "learn", "battery_ok", "battery", "battery_low", "status", "button_id"}
) - {"id"}


def _interlogix(said: Mapping[str, Any], findings: Findings) -> None:
    """Five inputs, whose use depends on the sensor; at rest, in the hourly supervision, all of them are closed.

    A fob closes the input of the key that is held; its fifth is lock and unlock together, the panic call.
    """
    subtype = reading.text(said.get("subtype") or said.get("device_type"), 16).lower()
    inputs = [reading.text(said.get(f"switch{number}"), 8).upper() for number in range(1, 6)]
    is_open = [word == "OPEN" for word in inputs]
    whole = all(inputs)
    if subtype == "keyfob":
        held = [f"switch{number}" for number, word in enumerate(inputs, 1) if word == "CLOSED"]
        if "switch5" in held:
            findings.add(T.SOS)
        elif held:
            saying.press(findings, held[0])
    elif subtype == "contact":
        if whole:
            saying.door(findings, is_open=is_open[0] or is_open[4])
    elif subtype == "motion":
        if whole:
            saying.motion(findings, moves=any(is_open))
    elif any(is_open) or not whole:
        _interlogix_alarm(subtype, findings, case_only=whole and is_open == [False, False, True, False, False])


def _one_input(said: Mapping[str, Any], findings: Findings) -> None:
    """One input of several: a key that is held, an input that opens; its third is the case."""
    subtype = reading.text(said.get("subtype"), 16).lower()
    if subtype == "keyfob":
        _interlogix(said, findings)
        return
    for name, value in said.items():
        if _SWITCH.fullmatch(name) and name != "switch3" and reading.text(value, 8).upper() == "OPEN":
            if subtype == "contact":
                saying.door(findings, is_open=True)
            elif subtype == "motion":
                saying.motion(findings, moves=True)
            else:
                _interlogix_alarm(subtype, findings, case_only=False)


def _interlogix_alarm(subtype: str, findings: Findings, *, case_only: bool) -> None:
    kinds = {"panic": T.SOS, "smoke": T.SMOKE, "co": T.CO, "heat": T.HEAT, "water": T.WATER, "glass": T.INTRUDER}
    if case_only and subtype != "panic":
        findings.add(T.TAMPER)
    elif subtype in kinds:
        findings.add(kinds[subtype])
    elif subtype in ("freeze", "tilt", "shock"):
        findings.add(T.FAULT, text=subtype)
    else:
        saying.unknown(findings, f"sensor type {subtype or 'unknown'}")


def _simplisafe(said: Mapping[str, Any], findings: Findings) -> None:
    """A keychain's panic key and a door that opens send the same bytes: alarmd takes them for the call for help."""
    state = reading.number(said.get("state"))
    if state is None:
        _generic(said, findings)
    elif state == 1:
        findings.add(T.SOS)
    elif state == 2:  # noqa: PLR2004 - rtl_433's own numbers, here and below
        saying.door(findings, is_open=False)
    elif state == 3:  # noqa: PLR2004 - as above
        findings.add(T.CANCEL)
    else:
        saying.unknown(findings, f"state {state}")


def _chuango(said: Mapping[str, Any], findings: Findings) -> None:
    zones = {"Normal Zone": T.DOOR, "Single Delay Zone": T.DOOR, "Home Mode Zone": T.MOTION}
    plain = {"Alarm": T.SOS, "Tamper": T.TAMPER, "Low Battery": T.BATTERY_LOW, "Test": T.TEST, "24H Zone": T.SOS}
    word = {known.lower(): known for known in _CHUANGO}.get(reading.text(said.get("cmd"), 32).lower(), "")
    word = word or reading.text(said.get("cmd"), 32)
    if word in plain:
        findings.add(plain[word], text="24 h zone: a smoke, water or panic sensor" if word == "24H Zone" else "")
    elif zones.get(word) is T.DOOR:
        saying.door(findings, is_open=True)
    elif word in zones:
        saying.motion(findings, moves=True)
    elif word in ("Arm", "Disarm", "Home Mode", "On"):
        findings.quiet = True
    else:
        saying.unknown(findings, f"cmd {word}")


_CHUANGO: Final = (
    *("Alarm", "Tamper", "Low Battery", "Test", "24H Zone", "Normal Zone", "Single Delay Zone"),
    *("Home Mode Zone", "Arm", "Disarm", "Home Mode", "On"),
)


def _yale(said: Mapping[str, Any], findings: Findings) -> None:
    """Event 1 trigger, 3 binding, 4 state: bit 1 of the state is the case, bit 3 the battery."""
    stype, state, event = (_byte(said.get(name)) for name in ("stype", "state", "event"))
    if event == 1:
        if stype in (0xAC, 0xAD):
            saying.door(findings, is_open=True)
        elif stype == 0x15:  # noqa: PLR2004 - the makers' numbers
            saying.motion(findings, moves=True)
        else:
            saying.press(findings, f"stype {stype}")
    elif event == 4:  # noqa: PLR2004 - as above
        findings.measurements["tamper"] = bool((state or 0) & 2)
        findings.measurements["battery_low"] = bool((state or 0) & 8)
        if (state or 0) & 2:
            findings.add(T.TAMPER)
        elif (state or 0) & 8:
            findings.add(T.BATTERY_LOW)
    elif event == 3:  # noqa: PLR2004 - as above
        findings.quiet = True
    else:
        saying.unknown(findings, f"event {event}")


def _byte(value: object) -> int | None:
    """A number, or the same as two hexadecimal digits."""
    if isinstance(value, str) and re.fullmatch(r"(?=.*[a-fA-F]|0)[0-9a-fA-F]{2}", value):
        return int(value, 16)
    figure = reading.number(value)
    return int(figure) if figure is not None else None


def _visonic(said: Mapping[str, Any], findings: Findings) -> None:
    """``alarm`` is the magnet of a contact and the key of a pendant: which of them, only the registration knows."""
    saying.flags(said, findings)
    if (alarm := reading.truth(said.get("alarm"))) is not None:
        findings.measurements["alarm"] = alarm
        saying.door(findings, is_open=alarm)


def _honeywell(said: Mapping[str, Any], findings: Findings) -> None:
    """Also 2GIG and Vivint. The hourly heartbeat repeats the state; it is no new opening."""
    saying.flags(said, findings)
    if "encrypted_status" in said or reading.truth(said.get("heartbeat")):
        if "encrypted_status" in said:
            findings.add(T.FAULT, text="encrypted: nobody can tell which key was pressed")
        elif (is_open := reading.truth(said.get("contact_open"))) is not None:
            findings.measurements["open"] = is_open
        return
    saying.contact(said, findings)
    if not any(one.type is T.DOOR for one in findings.found) and isinstance(state := said.get("state"), str):
        saying.word(state, findings)
    if reading.truth(said.get("alarm")):
        saying.unknown(findings, "alarm is set")


def _activlink(said: Mapping[str, Any], findings: Findings) -> None:
    subtype = reading.text(said.get("subtype"), 16)
    saying.flags(said, findings)
    if subtype == "Doorbell":
        saying.press(findings, "Doorbell", "triple" if reading.truth(said.get("secret_knock")) else "single")
    elif subtype == "PIR-Motion":
        saying.motion(findings, moves=True)
    elif subtype == "Contact":
        saying.contact(said, findings)
    else:
        saying.unknown(findings, f"subtype {subtype}")


def _smoke_frame(said: Mapping[str, Any], findings: Findings) -> None:
    if reading.truth(said.get("learn")):
        findings.add(T.TEST, text="learning")
    else:
        findings.add(T.SMOKE)


def _alarm_is_water(said: Mapping[str, Any], findings: Findings) -> None:
    saying.flags(said, findings)
    if (alarm := reading.truth(said.get("alarm"))) is not None:
        findings.measurements["water"] = alarm
        if alarm:
            findings.add(T.WATER)


def _setting_only(said: Mapping[str, Any], findings: Findings) -> None:
    """WH55: ``alarm`` is whether the buzzer is switched on, ``raw_value`` how wet it is."""
    findings.measurements["buzzer"] = bool(reading.truth(said.get("alarm")))


def _motion_frame(said: Mapping[str, Any], findings: Findings) -> None:
    moves = reading.truth(said.get("motion"))
    saying.flags(said, findings)
    saying.motion(findings, moves=moves is not False)


def _status_is_closed(said: Mapping[str, Any], findings: Findings) -> None:
    if (closed := reading.truth(said.get("status"))) is not None:
        saying.door(findings, is_open=not closed)


_MODELS: Final[Mapping[str, Callable[[Mapping[str, Any], Findings], None]]] = {
    "interlogix": _interlogix,
    "simplisafe-gen3": _generic,
    "simplisafe-keypad": _generic,
    "simplisafe keypad": _generic,
    "simplisafe": _simplisafe,
    "chuango": _chuango,
    "yale-hsa": _yale,
    "visonic": _visonic,
    "honeywell-activlink": _activlink,
    "honeywell-security": _honeywell,
    "vivint": _honeywell,
    "twogig": _honeywell,
    "smoke-gs558": _smoke_frame,
    "kidde-smoke": _smoke_frame,
    "bresser-leakage": _alarm_is_water,
    "wh55": _setting_only,
    "generic-motion": _motion_frame,
    "skylink": _motion_frame,
    "cwpirc": _motion_frame,
    "jasco": _status_is_closed,
}
"""By the first of these words in the model's name, longer words before shorter; all other models by `_generic`."""
_WHOLE: Final = frozenset({_interlogix, _smoke_frame, _motion_frame, _yale, _activlink})
"""What cannot be read from one field alone."""
_MODEL: Final = re.compile("|".join(re.escape(word) for word in _MODELS))
