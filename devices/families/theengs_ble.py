"""Bluetooth buttons, wearables, scales, trackers and sensors by way of OpenMQTTGateway or Theengs Gateway.

Sources: OpenMQTTGateway ``docs/use/ble.md``, Theengs Gateway ``docs/use/use.md``, property names and device pages of
Theengs Decoder. Each advertisement is heard several times and by several gateways; its ``packet`` number has 8 bits and
comes round again, so it is told as a measurement and is no key of the signal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.addresses import MAC_OR_NAME
from devices.family import Family, Overhears
from devices.shared import bthome, bthome_bytes, reading
from devices.shared.finding import Findings, unaddressed, unreadable
from devices.signal import Signal, SignalType, Suspect

T = SignalType
NAME: Final = "theengs_ble"
_TOPIC = re.compile(r"(?:.*/)?(?P<gateway>[^/]+)/BTtoMQTT(?:/(?P<rest>.+))?")
_PRESENCE = re.compile(r"(?:.*/)?home_presence/(?P<gateway>[^/]+)")
_ADDRESS = re.compile(r"(?:undecoded/)?([0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){5})")
_BUTTON = re.compile(r"button\d?")
BUTTONS: Final[Mapping[int, str]] = {
    1: "single",
    2: "double",
    3: "triple",
    4: "quadruple",
    5: "quintuple",
    9: "long",
    11: "hold",
    128: "hold",
    254: "hold",
}
"""Theengs Decoder's codes. 0 is the button's sign of life, 10 the release after a long press."""
_RELEASE: Final = 10
ROCKER: Final = ("off", "on", "toggle", "dim_up", "dim_down", "up", "down", "stop", "scene", "scene_in", "scene_out")
"""Schneider Odace, which harvests its power from the press itself: here 0 is a press, too."""
_NO_BUTTONS: Final = frozenset({"THB", "THBX"})
"""Thermometers have a key to pair them with, which calls nobody."""
_SEEN: Final = frozenset({"", "TRACK", "BCON", "BODY", "ACEL"})
"""Types for which being heard in a room is all they can say."""
_NOT_OPENINGS: Final = frozenset({"WCVR", "ACTR", "THB", "THBX"})
_FIGURES: Final[Mapping[str, str]] = {
    "lux": "illuminance",
    "co2": "co2",
    "pm25": "pm25",
    "pm10": "pm10",
    "for": "formaldehyde",
    "moi": "soil_moisture",
    "fer": "fertility",
    "steps": "steps",
    "spo2": "spo2",
    "sys": "systolic",
    "dia": "diastolic",
    "impedance": "impedance",
    "lvl_cm": "level_cm",
    "power": "power",
    "energy": "energy",
}
_NOTES: Final[Mapping[str, str]] = {"rssi": "rssi", "distance": "distance", "packet": "packet", "rot": "rotation"}
_POUND: Final = 0.45359237
_SENTINEL_CELSIUS: Final = 127.9
_HPA: Final = (300, 1100)
_MAX_VOLT: Final = 60
_PULSE_MAX: Final = 254
"""Wrist bands say 0 and 255 while they do not measure."""


def matches(topic: str) -> bool:
    """Whether a gateway publishes what Bluetooth devices said, under whatever base topic."""
    return _TOPIC.fullmatch(topic) is not None or _PRESENCE.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The hardware address in the topic, twelve digits; None on a gateway's shared topic."""
    match = _TOPIC.fullmatch(topic)
    found = _ADDRESS.fullmatch(match["rest"]) if match and match["rest"] else None
    return bthome.mac(found[1]) if found else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    return read(topic, payload, NAME, retained=retained)


def read(topic: str, payload: bytes, family: str, *, retained: bool) -> tuple[Signal, ...]:
    """Read one message for the family that asks: the same gateways speak for other radios as well."""
    match = _TOPIC.fullmatch(topic) or _PRESENCE.fullmatch(topic)
    if not payload:
        return ()
    device = address(topic)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, family, retained=retained) if device else unaddressed(family, retained=retained)
    device = _identity(said) or device
    if device is None:
        return unaddressed(family, retained=retained) if said else ()
    findings = read_fields(said)
    if match is not None:
        findings.measurements.setdefault("zone", match["gateway"])
    return findings.signals(device, family, retained=retained)


def _identity(said: Mapping[str, Any]) -> str | None:
    """The hardware address; a beacon's number where that is drawn by lot (``mac_type`` 1) every few minutes."""
    if "uuid" in said and ("major" in said or "minor" in said) and _is_beacon(said):
        parts = (reading.text(said.get(name, 0), 40) for name in ("uuid", "major", "minor"))
        return "/".join(parts)
    for name in ("id", "mac"):
        if found := reading.text(said.get(name), 64):
            return bthome.mac(found)
    return None


def _is_beacon(said: Mapping[str, Any]) -> bool:
    return said.get("model_id") == "IBEACON" or reading.number(said.get("mac_type")) == 1


def read_fields(said: Mapping[str, Any]) -> Findings:
    """What the decoded properties of one advertisement say."""
    findings = Findings(battery=reading.percent(said.get("batt")))
    for name, called in _NOTES.items():
        if name in said and (figure := reading.number(said[name])) is not None:
            findings.measurements[called] = figure
    if "servicedatauuid" in said and "model_id" not in said and (raw := _bthome(said)):
        bthome_bytes.read(raw, findings)
        return findings
    kind = reading.text(said.get("type"), 8)
    if said.get("encr") and "cipher" in said:
        bthome.encrypted(findings, button=kind == "BTN")
        return findings
    _buttons(said, kind, findings)
    _openings(said, kind, findings)
    for name, value in said.items():
        if (signal := bthome.FLAGS.get(name)) is not None:
            bthome.flag(name, signal, value, findings)
    if kind != "TIRE" and reading.truth(said.get("alarm")):
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text="alarm is on")
    senseless = _figures(said, kind, findings)
    _low(said, findings)
    if not findings.found:
        _nothing_else(said, kind, findings, senseless=senseless)
    return findings


def _bthome(said: Mapping[str, Any]) -> bytes:
    """The bytes of a BTHome device that the gateway has no decoder for; empty for every other."""
    if not reading.text(said["servicedatauuid"], 8).lower().endswith(bthome_bytes.UUID):
        return b""
    try:
        return bytes.fromhex(reading.text(said.get("servicedata"), 128))
    except ValueError:
        return b"\xff"


def _nothing_else(said: Mapping[str, Any], kind: str, findings: Findings, *, senseless: bool) -> None:
    if senseless or kind == "RMAC":
        findings.quiet = True
    elif (kind in _SEEN or said.get("track") is True) and not any(name.startswith("button") for name in said):
        findings.add(T.LOCATION)


def _buttons(said: Mapping[str, Any], kind: str, findings: Findings) -> None:
    for name in (name for name in said if name.startswith("button") and _BUTTON.fullmatch(name)):
        word = _gesture(said[name], rocker="Odace" in reading.text(said.get("model"), 64))
        if word is None:
            continue
        if kind in _NO_BUTTONS:
            findings.measurements[name] = word
        elif word == "release":
            findings.quiet = True
        else:
            bthome.press(word, findings, key=name if name != "button" else "")


def _gesture(code: object, *, rocker: bool) -> str | None:
    """The word for a button's code; None where nothing was pressed. A code nobody has told us is a press."""
    figure = reading.number(code)
    if figure is None:
        word = reading.text(code, 32).lower()
        words = {"press": "single", "single_press": "single", "double_press": "double", "triple_press": "triple"}
        words |= {"long_press": "long", "hold_press": "hold"}
        return words.get(word, word) if word not in ("", "none", "null", "false") else None
    number = int(figure)
    if rocker and 0 <= number < len(ROCKER):
        return ROCKER[number]
    if number == 0:
        return None
    return "release" if number == _RELEASE else BUTTONS.get(number, f"code {number}")


def _openings(said: Mapping[str, Any], kind: str, findings: Findings) -> None:
    if kind in _NOT_OPENINGS:
        return
    for name in ("open", "contact"):
        if name in said:
            bthome.contact(said, (name,), findings)
            break
    else:
        if (moves := reading.truth(said.get("motion"))) is not None:
            findings.measurements["motion"] = moves
            findings.add(T.MOTION)
    if reading.text(said.get("presence"), 16) == "absent":
        findings.add(T.FAULT, text="no gateway hears it any more")
    elif (there := reading.truth(said.get("presence"))) is not None:
        findings.measurements["presence"] = there
        findings.add(T.PRESENCE)
    if "occupancy" in said and (there := reading.truth(said["occupancy"])) is not None:
        findings.measurements["occupancy"] = there
        findings.add(T.PRESENCE)


def _figures(said: Mapping[str, Any], kind: str, findings: Findings) -> bool:
    """Copy what was measured; True if something was, and all of it is out of the sensor's own bounds."""
    celsius = reading.number(said.get("tempc"))
    if celsius is None and (fahrenheit := reading.number(said.get("tempf"))) is not None:
        celsius = round((fahrenheit - 32) * 5 / 9, 2)
    if celsius is not None and abs(celsius) >= _SENTINEL_CELSIUS and kind != "BBQ":
        return True  # a RuuviTag whose sensor is dead fills all fields with their limits
    good: dict[str, float | int] = {}
    if celsius is not None:
        good["temperature"] = celsius
    for name, value in said.items():
        if (called := _FIGURES.get(name)) and (figure := reading.number(value)) is not None and figure >= 0:
            good[called] = figure
    asked = _bounded(said, kind, good)
    findings.measurements.update(good)
    if good:
        findings.add(T.MEASUREMENT)
    if (volts := reading.number(said.get("volt"))) is not None and 0 < volts < _MAX_VOLT:
        findings.measurements["battery_voltage"] = volts
    return asked and not good


def _bounded(said: Mapping[str, Any], kind: str, good: dict[str, float | int]) -> bool:
    """Figures that are a sentinel outside their bounds, or mean nobody; True if there was any."""
    asked = False
    if (humidity := reading.number(said.get("hum"))) is not None:
        asked = True
        if reading.percent(humidity) is not None:
            good["humidity"] = humidity
    if (pressure := reading.number(said.get("pres"))) is not None:
        asked = True
        if kind == "TIRE":
            good["tire_pressure"] = pressure
        elif _HPA[0] <= pressure <= _HPA[1]:
            good["pressure"] = pressure
    for name in ("bpm", "act_bpm"):
        if (pulse := reading.number(said.get(name))) is not None and 0 < pulse <= _PULSE_MAX:
            good["heart_rate"] = pulse
    if (weight := reading.number(said.get("weight"))) is not None:
        asked = True
        _weight(said, weight, good)
    return asked


def _weight(said: Mapping[str, Any], weight: float, good: dict[str, float | int]) -> None:
    """A person's weight in kilograms. A suitcase on the scales is nobody's, and less than nothing is no weight."""
    if weight <= 0 or said.get("weighing_mode") == "object":
        return
    unit = reading.text(said.get("unit"), 8).lower()
    if said.get("model_id") == "SKALE":
        good["weight_g"] = weight
    elif unit in ("lb", "lbs"):
        good["weight"] = round(weight * _POUND, 2)
    elif unit in ("jin", "斤"):
        good["weight"] = round(weight / 2, 2)
    else:
        good["weight"] = weight


def _low(said: Mapping[str, Any], findings: Findings) -> None:
    for name in ("batt_low", "lowbatt"):
        if (low := reading.truth(said.get(name))) is not None:
            findings.measurements["battery_low"] = low
            if low:
                findings.add(T.BATTERY_LOW)


def gateway(topic: str, payload: bytes) -> str:
    """Which gateway heard it, as its last will names it: ``home/OMG_bath``, on its presence topic as well."""
    del payload
    before, found, _ = topic.rpartition("/BTtoMQTT")
    return before if found else topic.replace("home_presence/", "", 1)


FAMILY: Final = Family(
    name=NAME,
    bases=("home/OpenMQTTGateway", "home/TheengsGateway", "home/home_presence"),
    subscriptions=("+/+/BTtoMQTT/#", "home/home_presence/+"),
    matches=matches,
    decode=decode,
    addresses=MAC_OR_NAME,
    address=address,
    canonical=bthome.mac,
    gateway=gateway,
    rank=4,
    overhears=Overhears(numbers=False),
)
