"""What the fields of rtl_433's decoders mean, model by model where a field alone does not say it.

A field that is not here is not read: the keypad decoders write the PIN in clear text, which cannot leak from what is
never copied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.families.rtl_433_words import (
    CONTACTS,
    FAHRENHEIT,
    FLAGS,
    GESTURES,
    MEASURED,
    REMOTE,
    WORDS_IN,
)
from devices.shared import plain_words, reading, wording
from devices.shared.finding import ALARMS, Findings
from devices.signal import SignalType, Suspect

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


def _door(findings: Findings, *, is_open: bool) -> None:
    findings.measurements["open"] = is_open
    findings.add(T.DOOR)


def _motion(findings: Findings, *, moves: bool) -> None:
    findings.measurements["motion"] = moves
    findings.add(T.MOTION)


def _press(findings: Findings, button: str, gesture: str = "single") -> None:
    findings.measurements["button"] = button
    findings.add(T.PRESS, gesture=gesture)


def _unknown(findings: Findings, what: str) -> None:
    findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=what)


def _generic(said: Mapping[str, Any], findings: Findings) -> None:
    """Fields and words that mean the same in every decoder; a remote that says nothing else was pressed."""
    _flags(said, findings)
    for name in WORDS_IN:
        if isinstance(word := said.get(name), str):
            _word(word, findings)
    if not any(one.type is T.DOOR for one in findings.found):
        _contact(said, findings)
    if "motion" in said and (moves := reading.truth(said["motion"])) is not None:
        findings.found = [one for one in findings.found if one.type is not T.MOTION]
        _motion(findings, moves=moves)
    if "encr" in said or "encrypted_status" in said:
        findings.add(T.FAULT, text="encrypted: nobody can tell a press from a sign of life")
    elif reading.truth(said.get("alarm")) and not findings.found:
        _unknown(findings, "alarm is set")
    elif _FLEX & said.keys() or _FLAT <= said.keys():
        _flex(said, findings)
    elif not findings.found and REMOTE.search(reading.text(said.get("model"), 64)):
        _remote(said, findings)
    elif not findings.found:
        _unknown_model(said, findings)


_FLEX: Final = frozenset({"codes", "rows", "num_rows"})
_FLAT: Final = frozenset({"len", "data"})
"""A single row is written beside its count, and without the list."""
_ALIVE: Final = frozenset(
    "heartbeat supervision supervised alive checkin idle none released release".split()  # noqa: SIM905 - a table of words
)
_GETTERS: Final = ("button", "buttons", "btn", "key", "keys", "pressed", "press", "cmd", "command", "event", "state")


def _flex(said: Mapping[str, Any], findings: Findings) -> None:
    """A decoder that somebody described with ``-X n=bath_cord,…,get=@20:{4}:button``: its name is what they hear with it.

    What its getters took from the bits stands beside the rows, or in each of them. A name that is no key's is only a
    press where nothing else was read.
    """
    fields = _with_rows(said)
    if len(fields) > len(said):
        _flags(fields, findings)
        for name in WORDS_IN:
            if name not in said and isinstance(word := fields.get(name), str):
                _word(word, findings)
    kind = plain_words.sense_of(reading.text(said.get("model"), 64))
    keys = [name for name in _GETTERS if name in fields]
    if any(_ALIVE.intersection(reading.words(reading.text(fields[name], 64))) for name in keys):
        return
    if any(reading.truth(fields.get(name)) for name in ("heartbeat", "supervision")):
        return
    silent = not any(one.type in ALARMS for one in findings.found)
    if kind is T.SOS or kind in _FROM_WORDS:
        if silent:
            findings.add(kind)
    elif kind is T.MOTION and not findings.found:
        _motion(findings, moves=True)
    elif silent and (not findings.found or kind is T.PRESS or {"button", "btn", "key", "pressed"} & set(keys)):
        _press(findings, _what_was_sent(fields, keys))


def _what_was_sent(fields: Mapping[str, Any], keys: list[str]) -> str:
    codes = fields.get("codes")
    code = codes[0] if isinstance(codes, list) and codes else codes
    told = (*(fields[name] for name in keys), code, fields.get("data"))
    return next((word for one in told if (word := reading.text(one, 64))), "pressed")


def _with_rows(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The getters of the rows beside those of the whole; the rows of one press are alike, but the outer ones are torn."""
    rows = said.get("rows")
    fields = dict(said)
    for row in rows[:_ROWS] if isinstance(rows, list) else ():
        if isinstance(row, dict):
            for name, value in row.items():
                fields.setdefault(name, value)
    return fields


_ROWS: Final = 50  # rtl_433's own limit


def _unknown_model(said: Mapping[str, Any], findings: Findings) -> None:
    """A model that is called after what is pressed, or that tells which key was: nothing else is heard of it."""
    keys = [name for name in _KEY_FIELDS if name in said]
    words = [reading.text(said[name], 64) for name in keys]
    if any(_ALIVE.intersection(reading.words(word)) for word in words):
        return
    kind = wording.kind_of(reading.text(said.get("model"), 64))
    if kind is T.SOS:
        findings.add(T.SOS)
    elif kind is T.PRESS or any(words):
        _press(findings, next((word for word in words if word), "pressed"))


_KEY_FIELDS: Final = ("button", "buttons", "button_code", "btn", "pressed", "key")


def _flags(said: Mapping[str, Any], findings: Findings) -> None:
    for name in said:
        if (kind := FLAGS.get(name)) is not None and (yes := reading.truth(said[name])) is not None:
            findings.measurements[name] = yes
            if yes:
                findings.add(kind)


def _contact(said: Mapping[str, Any], findings: Findings) -> None:
    for name in CONTACTS:
        if name in said and reading.number(said[name]) != -1 and (is_open := reading.truth(said[name])) is not None:
            _door(findings, is_open=is_open)
            return
    if "closed" in said and (closed := reading.truth(said["closed"])) is not None:
        _door(findings, is_open=not closed)


_ARMING = re.compile(r"\b(?:arm|disarm|armed|disarmed|home|away|lights?|pairing|learn|binding|menu)\b", re.IGNORECASE)
_NEVER = re.compile(r"\bpin\b", re.IGNORECASE)


def _word(word: str, findings: Findings) -> None:  # noqa: C901 - one line per thing that is said
    """What an event's text says; nothing of it is repeated, for it may be a PIN."""
    text = word[:64].upper()
    parts = set(reading.words(text))
    if parts & {"panic", "sos", "emergency", "medical"}:
        findings.add(T.SOS)
    elif parts & {"muted", "silenced"} or "ALARM OFF" in text or parts >= {"arm", "canceled"}:
        findings.add(T.CANCEL)
    elif _NEVER.search(word) or (_ARMING.search(word) and not parts & {"test", "tamper"}):
        findings.quiet = True
    elif "test" in parts:
        findings.add(T.TEST)
    elif "battery" in parts and parts & {"low", "battery"} and "report" not in parts:
        findings.add(T.BATTERY_LOW)
    elif parts & {"closed", "close"}:
        _door(findings, is_open=False)
    elif parts & {"open", "opened"}:
        _door(findings, is_open=True)
    elif "motion" in parts or "tripped" in parts:
        _motion(findings, moves=not parts & {"ready", "normal", "clear", "stopped"})
    elif parts & {"button", "press", "pressed"}:
        _press(findings, "button", GESTURES.get(text, "single"))
    elif "heartbeat" not in parts and (kind := wording.kind_of(word)) in _FROM_WORDS:
        findings.add(kind)
    elif parts & {"unknown", "alarm", "alert"}:
        _unknown(findings, "a code that rtl_433 does not know" if "unknown" in parts else "alarm")


_FROM_WORDS: Final = frozenset({T.SMOKE, T.CO, T.GAS, T.HEAT, T.WATER, T.TAMPER, T.FALL})


def _remote(said: Mapping[str, Any], findings: Findings) -> None:
    for name in said:
        if _KEY.fullmatch(name) and reading.text(said[name], 16).upper() == "PRESSED":
            _press(findings, name)
            return
    for name in _REMOTE_FIELDS:
        if name in said and (word := reading.text(said[name], 64)):
            _press(findings, word)
            return
    _press(findings, "pressed")


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
            _press(findings, held[0])
    elif subtype == "contact":
        if whole:
            _door(findings, is_open=is_open[0] or is_open[4])
    elif subtype == "motion":
        if whole:
            _motion(findings, moves=any(is_open))
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
                _door(findings, is_open=True)
            elif subtype == "motion":
                _motion(findings, moves=True)
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
        _unknown(findings, f"sensor type {subtype or 'unknown'}")


def _simplisafe(said: Mapping[str, Any], findings: Findings) -> None:
    """A keychain's panic key and a door that opens send the same bytes: alarmd takes them for the call for help."""
    state = reading.number(said.get("state"))
    if state is None:
        _generic(said, findings)
    elif state == 1:
        findings.add(T.SOS)
    elif state == 2:  # noqa: PLR2004 - rtl_433's own numbers, here and below
        _door(findings, is_open=False)
    elif state == 3:  # noqa: PLR2004 - as above
        findings.add(T.CANCEL)
    else:
        _unknown(findings, f"state {state}")


def _chuango(said: Mapping[str, Any], findings: Findings) -> None:
    zones = {"Normal Zone": T.DOOR, "Single Delay Zone": T.DOOR, "Home Mode Zone": T.MOTION}
    plain = {"Alarm": T.SOS, "Tamper": T.TAMPER, "Low Battery": T.BATTERY_LOW, "Test": T.TEST, "24H Zone": T.SOS}
    word = {known.lower(): known for known in _CHUANGO}.get(reading.text(said.get("cmd"), 32).lower(), "")
    word = word or reading.text(said.get("cmd"), 32)
    if word in plain:
        findings.add(plain[word], text="24 h zone: a smoke, water or panic sensor" if word == "24H Zone" else "")
    elif zones.get(word) is T.DOOR:
        _door(findings, is_open=True)
    elif word in zones:
        _motion(findings, moves=True)
    elif word in ("Arm", "Disarm", "Home Mode", "On"):
        findings.quiet = True
    else:
        _unknown(findings, f"cmd {word}")


_CHUANGO: Final = (
    *("Alarm", "Tamper", "Low Battery", "Test", "24H Zone", "Normal Zone", "Single Delay Zone"),
    *("Home Mode Zone", "Arm", "Disarm", "Home Mode", "On"),
)


def _yale(said: Mapping[str, Any], findings: Findings) -> None:
    """Event 1 trigger, 3 binding, 4 state: bit 1 of the state is the case, bit 3 the battery."""
    stype, state, event = (_byte(said.get(name)) for name in ("stype", "state", "event"))
    if event == 1:
        if stype in (0xAC, 0xAD):
            _door(findings, is_open=True)
        elif stype == 0x15:  # noqa: PLR2004 - the makers' numbers
            _motion(findings, moves=True)
        else:
            _press(findings, f"stype {stype}")
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
        _unknown(findings, f"event {event}")


def _byte(value: object) -> int | None:
    """A number, or the same as two hexadecimal digits."""
    if isinstance(value, str) and re.fullmatch(r"(?=.*[a-fA-F]|0)[0-9a-fA-F]{2}", value):
        return int(value, 16)
    figure = reading.number(value)
    return int(figure) if figure is not None else None


def _visonic(said: Mapping[str, Any], findings: Findings) -> None:
    """``alarm`` is the magnet of a contact and the key of a pendant: which of them, only the registration knows."""
    _flags(said, findings)
    if (alarm := reading.truth(said.get("alarm"))) is not None:
        findings.measurements["alarm"] = alarm
        _door(findings, is_open=alarm)


def _honeywell(said: Mapping[str, Any], findings: Findings) -> None:
    """Also 2GIG and Vivint. The hourly heartbeat repeats the state; it is no new opening."""
    _flags(said, findings)
    if "encrypted_status" in said or reading.truth(said.get("heartbeat")):
        if "encrypted_status" in said:
            findings.add(T.FAULT, text="encrypted: nobody can tell which key was pressed")
        elif (is_open := reading.truth(said.get("contact_open"))) is not None:
            findings.measurements["open"] = is_open
        return
    _contact(said, findings)
    if not any(one.type is T.DOOR for one in findings.found) and isinstance(state := said.get("state"), str):
        _word(state, findings)
    if reading.truth(said.get("alarm")):
        _unknown(findings, "alarm is set")


def _activlink(said: Mapping[str, Any], findings: Findings) -> None:
    subtype = reading.text(said.get("subtype"), 16)
    _flags(said, findings)
    if subtype == "Doorbell":
        _press(findings, "Doorbell", "triple" if reading.truth(said.get("secret_knock")) else "single")
    elif subtype == "PIR-Motion":
        _motion(findings, moves=True)
    elif subtype == "Contact":
        _contact(said, findings)
    else:
        _unknown(findings, f"subtype {subtype}")


def _smoke_frame(said: Mapping[str, Any], findings: Findings) -> None:
    if reading.truth(said.get("learn")):
        findings.add(T.TEST, text="learning")
    else:
        findings.add(T.SMOKE)


def _alarm_is_water(said: Mapping[str, Any], findings: Findings) -> None:
    _flags(said, findings)
    if (alarm := reading.truth(said.get("alarm"))) is not None:
        findings.measurements["water"] = alarm
        if alarm:
            findings.add(T.WATER)


def _setting_only(said: Mapping[str, Any], findings: Findings) -> None:
    """WH55: ``alarm`` is whether the buzzer is switched on, ``raw_value`` how wet it is."""
    findings.measurements["buzzer"] = bool(reading.truth(said.get("alarm")))


def _motion_frame(said: Mapping[str, Any], findings: Findings) -> None:
    moves = reading.truth(said.get("motion"))
    _flags(said, findings)
    _motion(findings, moves=moves is not False)


def _status_is_closed(said: Mapping[str, Any], findings: Findings) -> None:
    if (closed := reading.truth(said.get("status"))) is not None:
        _door(findings, is_open=not closed)


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
