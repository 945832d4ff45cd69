"""Tasmota: buttons, cords and switches, 433 MHz by Sonoff's RF bridge, Zigbee by Zigbee2Tasmota, sensors.

Sources: Tasmota's documentation, ``MQTT.md``, ``Buttons-and-Switches.md``, ``Zigbee.md``, ``Commands.md``; issues 810,
1832, 2958, 3543, 5597, 11038 and 14096. What Zigbee devices say stands in `devices.families.tasmota.zigbee`.

``Time`` is local without a zone, and 1970 or 2021-01-01 while the clock is not set: alarmd does not read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.addresses import NAMES
from devices.families.tasmota import zigbee
from devices.family import CLOSED, Family, Message, Overhears
from devices.shared import reading, wording
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

T = SignalType
NAME: Final = "tasmota"
_FIRST = re.compile(r"/?(?:tele|stat)/(?P<device>.+)/(?P<suffix>[^/]+)")
_LAST = re.compile(r"/?(?P<device>.+)/(?:tele|stat)/(?P<suffix>[^/]+)")
_BUTTON = re.compile(r"(?:button|switch)\d{0,2}", re.IGNORECASE)
_SWITCH_KEY = re.compile(r"Switch\d{1,2}")
_KEY = re.compile(r"(?:Button|Switch)\d{1,2}")
_RELAY = re.compile(r"POWER\d{0,2}")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{4,16}")
_GESTURES: Final[Mapping[str, str]] = {
    "SINGLE": "single",
    "DOUBLE": "double",
    "TRIPLE": "triple",
    "QUAD": "quadruple",
    "PENTA": "quintuple",
    "HOLD": "long",
    "LONG": "long",
    "ON": "on",
    "TOGGLE": "single",
    "1": "single",
    "2": "toggle",
    "3": "long",
    "10": "single",
    "11": "double",
    "12": "triple",
    "13": "quadruple",
    "14": "quintuple",
}
_LET_GO: Final = frozenset({"OFF", "0"})
_AFTER: Final = frozenset({"CLEAR", "CLEAR_DELAYED", "RELEASE", "INC_DEC", "INV", "POWER_DELAYED", "POWER_RELEASE"})
"""What modes 11 and 12 say besides, while a key is held and after: the press has been told."""


def _split(topic: str) -> tuple[str, str] | None:
    """Device and last level; the prefix may stand first, as it does by default, or before the last level."""
    match = _FIRST.fullmatch(topic) or _LAST.fullmatch(topic)
    return (match["device"], match["suffix"]) if match else None


def matches(topic: str) -> bool:
    """Whether a level is Tasmota's ``tele`` or ``stat``: first, or last but one (``cmnd`` is orders to the device)."""
    return _split(topic) is not None and not topic.startswith("$")


def address(topic: str) -> str | None:
    """The device's ``%topic%``; of the bridges for Zigbee and 433 MHz, the bridge: their devices are in the payload."""
    found = _split(topic)
    return found[0] if found else None


def canonical(written: str) -> str:
    """Radio codes in upper case, Zigbee short addresses as ``0x`` and upper-case digits; names as written."""
    name = written.strip()
    if not _HEX.fullmatch(name):
        return name
    return f"0x{name[2:].upper()}" if name[:2].lower() == "0x" else name.upper()


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    found = _split(topic)
    if found is None or not payload:
        return ()
    device, suffix = found
    if suffix == "LWT":
        return _lwt(device, payload, retained=retained)
    if _RELAY.fullmatch(suffix):
        return ()  # a lamp, told again on RESULT
    if _BUTTON.fullmatch(suffix):
        return _key_topic(device, suffix, payload, retained=retained)
    try:
        return _object(device, suffix, reading.json_object(payload), retained=retained)
    except reading.UnreadableError:
        return () if suffix in _WORDY else unreadable(device, NAME, retained=retained)


_WORDY: Final = frozenset({"STATUS", "LOGGING", "EVENT", "UPTIME", "MARGINS", "DISPLAY"})


def _lwt(device: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    findings = Findings()
    word = payload[:40].decode("utf-8", "replace").strip('\x00 \t\r\n"').lower()
    if word == "offline":
        findings.add(T.OFFLINE)
    elif word != "online":
        findings.add(T.FAULT, text="the last will could not be read")
    return findings.signals(device, NAME, retained=retained)


def _key_topic(device: str, suffix: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """``stat/…/BUTTON1 {"ACTION":"SINGLE"}``, or the bare word that somebody's own rule publishes."""
    findings = Findings(quiet=True)
    try:
        said = reading.json_value(payload)
    except reading.UnreadableError:
        said = payload[:40].decode("utf-8", "replace")
    word = _action(said) if isinstance(said, dict) else reading.text(said, 40)
    if not word or "\ufffd" in word:
        return unreadable(device, NAME, retained=retained)
    _key(suffix, word, findings)
    return findings.signals(device, NAME, retained=retained)


def _action(said: Mapping[str, Any]) -> str:
    inner = next((value for name, value in said.items() if _KEY.fullmatch(name) and isinstance(value, dict)), said)
    return next((reading.text(inner[name], 40) for name in ("ACTION", "Action", "STATE", "State") if name in inner), "")


def _key(name: str, word: str, findings: Findings) -> None:
    """One button's or switch's word. ``OFF`` is a cord let go: told, and closing nothing."""
    said = word.upper()
    if said in _AFTER:
        return
    if said in _LET_GO:
        findings.measurements[name] = word
        findings.add(T.CANCEL)
        return
    findings.measurements["button"] = word
    findings.measurements["key"] = name
    findings.add(T.PRESS, gesture=_GESTURES.get(said, word.lower()))


def _object(device: str, suffix: str, said: Mapping[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    if (radio := said.get("RfReceived", said.get("IrReceived"))) is not None:
        return _radio(device, radio if isinstance(radio, dict) else {"Data": radio}, retained=retained)
    heard = said.get("ZbReceived", said if suffix == "ZbReceived" or _is_zigbee(said) else None)
    if heard is not None and not isinstance(heard, dict):
        return unreadable(device, NAME, retained=retained)
    if heard is not None:
        return zigbee.read(device, heard, NAME, retained=retained)
    findings = Findings(quiet=suffix in ("RESULT", *_WORDY))
    if isinstance(raw := said.get("RfRaw"), dict):
        findings.add(T.FAULT, text="the bridge is in raw mode: it decodes no codes")
        if "Data" not in raw:
            findings.found.clear()
    _keys(said, findings)
    sensors = said.get("StatusSNS")
    if isinstance(sensors, dict):
        findings.quiet = False
        _sensors(sensors, findings, switches=False)
    elif suffix == "SENSOR":
        _sensors(said, findings, switches=True)
    return findings.signals(device, NAME, retained=retained)


def _keys(said: Mapping[str, Any], findings: Findings) -> None:
    for name, value in list(said.items())[:_MAX_FIELDS]:
        if _KEY.fullmatch(name) and isinstance(value, dict):
            _key(name, _action(value), findings)
        elif name in _SERIAL and (kind := wording.kind_of(reading.text(value, 64))) in _WRITTEN:
            findings.add(kind)


_MAX_FIELDS: Final = 100
_SERIAL: Final = ("SerialReceived", "SSerialReceived")
_WRITTEN: Final = frozenset({T.SOS, T.FALL, T.SMOKE, T.GAS, T.CO, T.WATER})
"""What a board of one's own may write to a Tasmota's serial line."""
_SHORT_ADDRESS: Final = re.compile(r"0x[0-9A-Fa-f]{4}")


def _is_zigbee(said: Mapping[str, Any]) -> bool:
    """Devices by short address at the top: SetOption118 moves ``ZbReceived`` into the topic."""
    return bool(said) and all(_SHORT_ADDRESS.fullmatch(key) for key in list(said)[:4])


def _radio(bridge: str, said: Mapping[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """A code off the air, radio or infrared: ``Data`` is all to know a sender by; its registration says more."""
    code = reading.text(said.get("Data"), 32)
    learnt = reading.number(said.get("RfKey"))
    if not code:
        return unreadable(bridge, NAME, retained=retained)
    button = f"RfKey{int(learnt)}" if learnt is not None else code
    findings = Findings(measurements={"button": button, "zone": bridge})
    findings.add(T.PRESS, gesture="single")
    return findings.signals(canonical(code), NAME, retained=retained)


_FIGURES: Final[Mapping[str, str]] = {
    "Temperature": "temperature",
    "Humidity": "humidity",
    "Pressure": "pressure",
    "Illuminance": "illuminance",
    "Distance": "distance",
    "CarbonDioxide": "co2",
    "eCO2": "co2",
    "CO2": "co2",
    "PM2.5": "pm25",
    "PM10": "pm10",
    "TVOC": "voc",
    "Power": "power",
    "Weight": "weight",
    "HeartRate": "heart_rate",
    "Moisture": "soil_moisture",
}


def _sensors(said: Mapping[str, Any], findings: Findings, *, switches: bool) -> None:
    """Sensors as objects by name, switches as bare words; every message repeats all of them each TelePeriod."""
    fahrenheit = said.get("TempUnit") == "F"
    others = False
    for value in list(said.values())[:_MAX_FIELDS]:
        if isinstance(value, dict):
            others = True
            _sensor(value, findings, fahrenheit=fahrenheit)
    if not switches:
        return
    for name, value in list(said.items())[:_MAX_FIELDS]:
        if not isinstance(value, str) or not _is_switch(name, value):
            continue
        if not _SWITCH_KEY.fullmatch(name) and _named(name, value, findings):
            continue
        if value.upper() in _LET_GO and (others or _any_pulled(said)):
            findings.measurements[name] = value  # at rest, beside other news
        else:
            _key(name, value, findings)


def _any_pulled(said: Mapping[str, Any]) -> bool:
    return any(
        isinstance(value, str) and _is_switch(name, value) and value.upper() not in _LET_GO
        for name, value in said.items()
    )


def _is_switch(name: str, value: str) -> bool:
    """``Switch1``, or the name that ``SwitchText`` gave it; units and times are text, too, and say other words."""
    return _SWITCH_KEY.fullmatch(name) is not None or value.upper() in ("ON", "OFF", "TOGGLE", "HOLD")


def _named(name: str, value: str, findings: Findings) -> bool:
    """A switch that somebody named for what is wired to it; False for what people call by, and for unknown names."""
    kind = wording.kind_of(name)
    state = reading.truth(value)
    if kind in (None, T.PRESS) or state is None or kind is None or (kind is T.SOS and not state):
        return False
    findings.measurements["open" if kind is T.DOOR else name] = state
    if state or kind in (T.DOOR, T.MOTION, T.PRESENCE):
        findings.add(kind)
    return True


def _sensor(value: Mapping[str, Any], findings: Findings, *, fahrenheit: bool) -> None:
    for name, called in _FIGURES.items():
        figure = reading.number(value.get(name)) if name in value else None
        if figure is not None:
            if called == "temperature" and fahrenheit:
                figure = round((figure - 32) * 5 / 9, 2)
            findings.measurements.setdefault(called, figure)
            findings.add(T.MEASUREMENT)
    battery = reading.percent(value.get("Battery"))
    if battery is not None and findings.battery is None:
        findings.battery = battery


def gateway(topic: str, payload: bytes) -> str:
    """The bridge, of what came by its radio; what is wired to a device has no gateway."""
    found = _split(topic)
    if found is None or not any(word in payload for word in _BY_RADIO):
        return ""
    bridge, _, own = found[0].rpartition("/")  # SetOption89 gives each Zigbee device a level of its own
    return bridge if bridge and any(f'"{name}"'.encode() in payload for name in (own, f"0x{own}")) else found[0]


_BY_RADIO: Final = (b'"ZbReceived"', b'"RfReceived"', b'"IrReceived"')


def answer(address: str, status: str) -> Message:
    """Its first relay."""
    return Message(f"cmnd/{address}/POWER", b"OFF" if status == CLOSED else b"ON")


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        *(f"{first}/+/#" for first in ("tele", "stat", "/tele", "/stat")),
        *(f"{before}/{last}/+" for before in ("+", "+/+", "+/+/+") for last in ("tele", "stat")),
    ),
    replies=(
        "cmnd/+/POWER",
        "cmnd/+/+/POWER",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    canonical=canonical,
    gateway=gateway,
    rank=5,
    overhears=Overhears(numbers=False),
    answer=answer,
)
