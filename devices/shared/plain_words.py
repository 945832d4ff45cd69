"""What a value means by the name that people gave it: ``bed12_call``, ``engine/temperature``, ``Room 4/FallDetected``.

For families that carry values of any kind and leave their naming to whoever installed them (Home Assistant entities,
Homie properties, Sparkplug metrics, Meshtastic detection sensors). What the names mean stands in
`devices.shared.wording`.
"""

from __future__ import annotations

import re
from typing import Final

from devices.shared import chinese, reading, wording
from devices.shared.finding import Findings, Found
from devices.signal import SignalType, Suspect

T = SignalType
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GESTURES: Final = {
    "double": "double",
    "triple": "triple",
    "quadruple": "quadruple",
    "long": "long",
    "hold": "long",
    "held": "long",
    "short": "single",
    "single": "single",
    "press": "single",
    "pressed": "single",
    "click": "single",
    "push": "single",
}
_NO_PRESS: Final = frozenset({"release", "released", "idle", "unpressed", "up", "unavailable", "unknown", "init"})
_CALM: Final = frozenset({"idle", "ok", "safe", "dry", "unknown", "unavailable", "released", "standby", "ready"})
_BUSY: Final = frozenset({"fallen", "fall", "wet", "smoke", "fire", "panic", "sos", "emergency", "problem", "tampered"})
_FIGURES: Final = frozenset(
    """level ppm density concentration count counter index value consumption meter energy power usage pressure humidity
    voltage rssi snr signal strength uptime time duration temperature temp rate interval threshold sensitivity lux
    illuminance distance speed weight volume version link quality linkquality timeout delay""".split()  # noqa: SIM905 - a table of words
)
"""A name with one of these carries a figure, whatever else it is called."""


_PRESS_WORDS: Final = frozenset({"press", "pressed", "click", "clicked", "btn", "action"})
_SUPPLIED: Final = frozenset({T.WATER, T.GAS, T.HEAT, T.SMOKE, T.CO})
_APPLIANCES: Final = frozenset(
    """heater boiler pump valve meter tank tap stove oven cooker cooktop supply power tv stick place fireplace station
    pressure bill tariff cost heating""".split()  # noqa: SIM905 - a table of words
)
"""Water, gas and fire that are wanted: ``water_heater``, ``gas_meter``, ``fire_tv``."""
_DETECTED: Final = frozenset("alarm leak leakage leaking detected detector flood smoke".split())  # noqa: SIM905 - as above
_TESTS: Final = frozenset({"test", "testing"})
_REACHED: Final = frozenset({"connectivity", "connected", "reachable", "online"})
_ABOUT_IT: Final = frozenset(
    "update firmware available enabled enable mute silence led siren identify restart reboot seen".split()  # noqa: SIM905 - as above
)
"""``sos_button_update`` tells of the thing, not of a call."""
_NO_ALARM: Final = frozenset({"clock", "armed", "arm", "next", "time", "off"}) | _ABOUT_IT
_VALUES: Final = ((frozenset({"sos", "emergency", "panic", "mayday"}), T.SOS), (frozenset({"fall", "fallen"}), T.FALL))
_FLAG_NAMES: Final = {
    T.DOOR: "open",
    T.MOTION: "motion",
    T.PRESENCE: "presence",
    T.BATTERY_LOW: "battery_low",
    T.WATER: "water_leak",
}
_PRIVATE: Final = frozenset("phone telephone email mail pin password passcode imei iccid citizen passport ssn".split())  # noqa: SIM905 - a table of words
_IDENTIFIERS: Final = frozenset("number id code user contact contacts name caller last".split())  # noqa: SIM905 - as above
"""``emergency_number`` and ``keypad_code`` hold what belongs to a person, not what happened to one."""
_FEW_DIGITS: Final = 3
_LIFE: Final = frozenset({T.SOS, T.FALL, T.PRESS})
_TWO_SIDED: Final = frozenset({T.DOOR, T.MOTION, T.PRESENCE})
"""What is told when it ends as well as when it begins."""


def words_of(name: str) -> frozenset[str]:
    """The words of a name, in lower case: ``FallDetected`` and ``fall_detected`` are the same two."""
    return frozenset(reading.words(_CAMEL.sub(" ", name[:200])))


def sense_of(name: str) -> SignalType | None:
    """The signal that a thing of that name gives when it is on; None where its name says nothing."""
    parts = words_of(name)
    kind = wording.kind_of(name) or (T.PRESS if parts & _PRESS_WORDS else None)
    if kind is not None and parts & _TESTS:
        return T.TEST
    if chinese.is_setting(name) and "开关" not in name:  # 门铃音量; but a wired switch may well call: 紧急呼叫开关
        return None
    if parts & _ABOUT_IT or (kind in _SUPPLIED and parts & _APPLIANCES and not parts & _DETECTED):
        return None
    return kind


def read(name: str, value: object, findings: Findings) -> None:
    """Read one named value into the findings.

    Args:
        name: As its owner called it; parts may be parted by ``/``, ``_``, ``-``, blanks or capitals.
        value: A truth, a number, or a word.
        findings: Where what was found goes.
    """
    parts = words_of(name)
    if parts & _PRIVATE or chinese.is_private(name) or (parts & _IDENTIFIERS and _digits(value) > _FEW_DIGITS):
        return
    if ("battery" in parts or "batt" in parts) and _battery(parts, value, findings):
        return
    if parts & _REACHED and (there := reading.truth(value)) is not None:
        findings.found.extend(() if there else (Found(T.OFFLINE),))
        return
    kind = sense_of(name)
    if parts & _FIGURES and _is_figure(kind, value):
        _figure(name, value, findings)
        return
    if kind is T.PRESS:
        press(value, findings)
    elif kind is not None:
        _flag(name, kind, value, findings)
    else:
        _unnamed(name, value, findings)


def _digits(value: object) -> int:
    return 0 if isinstance(value, bool) else sum(letter.isdecimal() for letter in reading.text(value, 64))


def _is_figure(kind: SignalType | None, value: object) -> bool:
    """``smoke_level`` 3 is a figure, ``emergency_signal`` true or 1 is none."""
    figure = None if isinstance(value, bool) else reading.number(value)
    if kind in _LIFE:
        return figure is not None and figure not in (0, 1)
    return figure is not None or reading.truth(value) is None


def press(value: object, findings: Findings) -> None:
    """Read what a button says: on or off, a gesture, a count; its release and its rest say nothing."""
    findings.quiet = True
    yes = reading.truth(value)
    if yes is None and (figure := reading.number(value)) is not None:
        yes = figure > 0
    if yes is not None:
        if yes:
            findings.add(T.PRESS, gesture="single")
        return
    word = reading.text(value, 64)
    parts = words_of(word)
    if parts & _NO_PRESS or not word:
        return
    if _digits(word) > _FEW_DIGITS:  # who is calling, not how it was pressed
        findings.add(T.PRESS)
        return
    findings.measurements["button"] = word
    if parts & {"sos", "emergency", "panic"}:
        findings.add(T.SOS)
    else:
        findings.add(T.PRESS, gesture=next((said for known, said in _GESTURES.items() if known in parts), word.lower()))


def _battery(parts: frozenset[str], value: object, findings: Findings) -> bool:
    figure = reading.number(value)
    if figure is None:
        if "low" not in parts and (reading.text(value, 16).lower() == "low" or reading.truth(value)):
            findings.measurements["battery_low"] = True
            findings.add(T.BATTERY_LOW)
        return "low" not in parts
    if "low" in parts:
        return False
    if parts & {"voltage", "volt", "volts", "mv"}:
        findings.measurements["battery_voltage"] = figure
    else:
        findings.battery = reading.percent(figure)
    return True


def _figure(name: str, value: object, findings: Findings) -> None:
    figure = reading.number(value)
    if figure is None:
        return
    findings.measurements[wording.measurement_of(name) or reading.text(name, 64)] = figure
    findings.add(T.MEASUREMENT)


def _flag(name: str, kind: SignalType, value: object, findings: Findings) -> None:
    word = "" if isinstance(value, bool) else reading.text(value, 64).lower()
    yes = reading.truth(value)
    if yes is None and kind in _LIFE and words_of(word) & _GESTURES.keys():
        yes = True  # sos_button_action: single
    if yes is None:
        yes = True if word in _BUSY else False if word in _CALM else chinese.truth(word)
    if yes is None:
        if reading.number(value) is not None:
            _figure(name, value, findings)
        else:
            findings.add(
                T.FAULT,
                suspect=Suspect.UNKNOWN_CODE,
                text=f"{reading.text(name, 64)} {word if word.isalpha() else ''}".rstrip(),
            )
        return
    findings.measurements[_FLAG_NAMES.get(kind, kind.value)] = yes
    if yes or kind in _TWO_SIDED:
        findings.add(kind)


def _unnamed(name: str, value: object, findings: Findings) -> None:
    """A name that says nothing: a figure is worth noting, and a word may still be a cry for help."""
    parts = words_of(name)
    if "alarm" in parts and not parts & _NO_ALARM and reading.truth(value):
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=reading.text(name, 64))
    elif not isinstance(value, bool) and reading.number(value) is not None:
        _figure(name, value, findings)
    elif isinstance(value, str):
        said = words_of(value[:64])
        for needed, kind in _VALUES:
            if needed & said:
                findings.add(kind, text=reading.text(value, 64))
                return
