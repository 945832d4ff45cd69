"""BTHome, the open format of Bluetooth buttons and sensors, as gateways write it after decoding.

Source: bthome.io, "Format (v2)"; Shelly's docs-ble. The same advertisement is broadcast several times with one 8-bit
packet number, and heard by several gateways. That number comes round again within a day, so it is told as a measurement
and is no signal's key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.shared import reading, wording
from devices.shared.finding import Findings
from devices.signal import SignalType, Suspect

T = SignalType
_MAC = re.compile(r"[0-9a-fA-F]{12}")
_SEPARATORS = re.compile(r"[\s:._-]")
BUTTON_EVENTS: Final[Mapping[int, str]] = {
    1: "single",
    2: "double",
    3: "triple",
    4: "long",
    5: "long_double",
    6: "long_triple",
    0x80: "hold",
    0xFE: "hold",
}
"""BTHome object 0x3A; 254 is the hold of Shelly firmware before 1.0.20."""
FLAGS: Final[Mapping[str, SignalType]] = {
    "smoke": T.SMOKE,
    "carbon_monoxide": T.CO,
    "co": T.CO,
    "gas": T.GAS,
    "heat": T.HEAT,
    "moisture": T.WATER,
    "water": T.WATER,
    "leak": T.WATER,
    "flood": T.WATER,
    "sos": T.SOS,
    "panic": T.SOS,
    "emergency": T.SOS,
    "fall": T.FALL,
    "tamper": T.TAMPER,
    "battery_low": T.BATTERY_LOW,
    "problem": T.FAULT,
    "safety": T.FAULT,
}
BOTH_WAYS: Final[Mapping[str, SignalType]] = {
    "motion": T.MOTION,
    "moving": T.MOTION,
    "occupancy": T.PRESENCE,
    "presence": T.PRESENCE,
}
CONTACTS: Final = ("window", "door", "opening", "open", "garage_door")
FIGURES: Final[Mapping[str, str]] = {
    "temperature": "temperature",
    "humidity": "humidity",
    "illuminance": "illuminance",
    "pressure": "pressure",
    "rotation": "rotation",
    "distance": "distance",
    "distance_mm": "distance_mm",
    "co2": "co2",
    "weight": "weight",
}


def mac(written: str) -> str:
    """A hardware address as twelve upper-case digits, however it is written; any other name as it is."""
    name = written.strip()
    digits = _SEPARATORS.sub("", name[:64])
    return digits.upper() if _MAC.fullmatch(digits) else name


def press(word: str, findings: Findings, *, key: str = "") -> None:
    """Note one press; ``key`` is the name of the key on a device of several."""
    if key:
        findings.measurements[key] = word
    said = f"{key} {word}".strip()
    before = findings.measurements.get("button")
    findings.measurements["button"] = f"{before}, {said}" if isinstance(before, str) else said
    findings.add(T.PRESS, gesture="long" if word == "hold" else word)


def encrypted(findings: Findings, *, button: bool) -> None:
    """Nobody gave the gateway this device's key. A button that sends at all may have been pressed."""
    findings.add(
        T.FAULT,
        suspect=Suspect.UNPARSEABLE if button else None,
        text="encrypted: give the gateway this device's key",
    )


def read(said: Mapping[str, Any], findings: Findings) -> None:
    """Read the object of Shelly's scripts: values by name, a list where a device has several of one kind."""
    findings.quiet = False
    findings.battery = reading.percent(said.get("battery"))
    if (packet := reading.number(said.get("pid"))) is not None:
        findings.measurements["packet"] = packet
    if (rssi := reading.number(said.get("rssi"))) is not None:
        findings.measurements["rssi"] = rssi
    if reading.truth(said.get("encryption")):
        encrypted(findings, button="BT" in reading.text(said.get("model"), 32).upper() or "model" not in said)
        return
    _keys_and_flags(said, findings)
    if isinstance(text := said.get("text"), str) and (kind := wording.kind_of(text)) in _WRITTEN:
        findings.add(kind)
    contact(said, CONTACTS, findings)
    for name, called in FIGURES.items():
        if (figure := reading.number(said.get(name))) is not None:
            findings.measurements[called] = figure
            findings.add(T.MEASUREMENT)


_WRITTEN: Final = frozenset({T.SOS, T.FALL, T.SMOKE, T.GAS, T.CO, T.WATER})
"""What a device of one's own may write as text."""


def _keys_and_flags(said: Mapping[str, Any], findings: Findings) -> None:
    buttons = said.get("button")
    for number, code in enumerate(buttons if isinstance(buttons, list) else [buttons], start=1):
        _button(code, f"button{number}" if isinstance(buttons, list) else "", findings)
    for name, kind in FLAGS.items():
        if name in said:
            flag(name, kind, said[name], findings)
    for name, kind in BOTH_WAYS.items():
        if name in said and (yes := reading.truth(said[name])) is not None:
            findings.measurements[name] = yes
            findings.add(kind)


def _button(code: object, key: str, findings: Findings) -> None:
    figure = reading.number(code)
    if figure is None or figure == 0:
        return
    press(BUTTON_EVENTS.get(int(figure), f"code {int(figure)}"), findings, key=key)


def flag(name: str, kind: SignalType, value: object, findings: Findings) -> None:
    """An alarm or a technical fact that holds while it is true."""
    if (yes := reading.truth(value)) is not None:
        findings.measurements[name] = yes
        if yes:
            findings.add(kind)


def contact(said: Mapping[str, Any], names: tuple[str, ...], findings: Findings) -> None:
    """An opening; a word that is neither open nor closed, such as ``timeout not closed``, is open."""
    for name in names:
        value = said.get(name)
        is_open = reading.truth(value)
        if is_open is None and isinstance(value, str) and value:
            is_open = True
        if is_open is not None:
            findings.measurements["open"] = is_open
            findings.add(T.DOOR)
            return
