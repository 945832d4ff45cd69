"""OpenMQTTGateway: 433 MHz remotes and detectors, infrared, wired inputs, and the gateway itself.

Sources: OpenMQTTGateway ``docs/use/rf.md``, ``ir.md``, ``lora.md``, ``sensors.md``, ``gateway.md``; issues 379, 390,
467 and 691. Its Bluetooth messages are read by `devices.families.theengs_ble`, its rtl_433 messages by
`devices.families.rtl_433`.

A remote has no address but its code. Two gateways hear the same press, each several times: the code is the device, so
that they are one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.addresses import NAMES
from devices.families import rtl_433, theengs_ble
from devices.families.rtl_433 import fields
from devices.family import Family, Overhears
from devices.shared import reading, wording
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

T = SignalType
NAME: Final = "openmqttgateway"
_TOPIC = re.compile(r"(?P<gateway>.+)/(?P<radio>[A-Za-z0-9_]{1,16})toMQTT(?:/(?P<rest>.+))?")
_LWT = re.compile(r"(?P<gateway>(?!tele/|stat/|cmnd/)[^/]+/(?!(?:tele|stat)/)[^/]+)/LWT")
_NOT_OURS = ("homeassistant/", "zigbee2mqtt", "tele/", "stat/", "cmnd/", "$")
_Found = tuple[str, Findings] | None
"""The device and what it said; None for noise."""
_NO_CODE: Final = frozenset({0, 4294967295, 18446744073709551615})
_NO_CODE_WRITTEN: Final = frozenset(map(str, _NO_CODE))
"""What the receivers say for noise, and infrared for a key that is held."""


def matches(topic: str) -> bool:
    """Whether a gateway publishes here: ``…/<gateway>/<radio>toMQTT`` and its last will."""
    if topic.startswith(_NOT_OURS):
        return False
    return (
        ("toMQTT" in topic and _TOPIC.fullmatch(topic) is not None)
        or _LWT.fullmatch(topic) is not None
        or theengs_ble.matches(topic)
    )


def address(topic: str) -> str | None:
    """The gateway, of its own topics, and a Bluetooth address; a remote's code stands in the payload."""
    if match := _LWT.fullmatch(topic):
        return match["gateway"]
    if theengs_ble.matches(topic):
        return theengs_ble.address(topic)
    match = _TOPIC.fullmatch(topic)
    return match["gateway"] if match and match["radio"] == "SYS" else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if not payload or topic.startswith(_NOT_OURS):
        return ()
    if match := _LWT.fullmatch(topic):
        return _lwt(match["gateway"], payload, retained=retained)
    if theengs_ble.matches(topic):
        return theengs_ble.read(topic, payload, NAME, retained=retained)
    match = _TOPIC.fullmatch(topic)
    if match is None:
        return ()
    try:
        said = reading.json_value(payload)
    except reading.UnreadableError:
        return unreadable(match["gateway"], NAME, retained=retained)
    if not isinstance(said, dict):  # firmware before 0.9 wrote the bare code
        said = {"value": said}
    reader = _RADIOS.get(match["radio"], _sensor)
    found = reader(match["gateway"], said, match["rest"] or "")
    return () if found is None else found[1].signals(found[0], NAME, retained=retained)


def _lwt(gateway: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    kinds = {"online": T.ONLINE, "offline": T.OFFLINE}
    word = payload[:40].decode("utf-8", "replace").strip('\x00 \t\r\n"').lower()
    findings = Findings(text="" if word in kinds else "the last will could not be read")
    findings.add(kinds.get(word, T.FAULT))
    return findings.signals(gateway, NAME, retained=retained)


def _code(gateway: str, said: Mapping[str, Any], rest: str) -> _Found:  # noqa: ARG001 - all readers are called alike
    """A code off the air (RCSwitch, Sonoff RF bridge, infrared): what it means is set where it is registered."""
    value = reading.number(said.get("value"))
    code = reading.text(said.get("value"), 40) if value is None else str(int(value))
    if not code or value in _NO_CODE or code in _NO_CODE_WRITTEN:
        return None
    findings = Findings(measurements={"button": code, "zone": gateway.rpartition("/")[2]})
    if value is not None:
        findings.measurements["code"] = int(value)
    findings.add(T.PRESS, gesture="single")
    return code, findings


def _rf2(gateway: str, said: Mapping[str, Any], rest: str) -> _Found:
    """Self-learning remotes (KlikAanKlikUit and the like): an address, a key, and whether on or off."""
    parts = [reading.text(said.get(name), 20) for name in ("address", "unit")]
    if not parts[0]:
        return _code(gateway, said, rest)
    gesture = {"0": "off", "1": "on", "2": "dim"}.get(reading.text(said.get("switchType"), 4), "single")
    findings = Findings(measurements={"button": f"{parts[1]} {gesture}".strip(), "zone": gateway.rpartition("/")[2]})
    findings.add(T.PRESS, gesture=gesture)
    return "/".join(part for part in parts if part), findings


_IDENTITY: Final = ("id", "systemcode", "unitcode", "unit", "address")


def _pilight(gateway: str, said: Mapping[str, Any], rest: str) -> _Found:  # noqa: ARG001 - all readers are called alike
    """Pilight's protocols: contacts and switches by their state, thermometers by their figures."""
    message = said.get("message")
    if isinstance(message, str):
        try:
            message = reading.json_object(message.encode("utf-8", "replace"))
        except reading.UnreadableError:
            message = None
    if not isinstance(message, dict):
        return None  # raw pulses
    protocol = reading.text(said.get("protocol"), 32)
    identity = [reading.text(message.get(name), 20) for name in _IDENTITY if name in message]
    findings = Findings(measurements={"zone": gateway.rpartition("/")[2]})
    for name in ("temperature", "humidity"):
        if (figure := reading.number(message.get(name))) is not None:
            findings.measurements[name] = figure
            findings.add(T.MEASUREMENT)
    state = reading.text(message.get("state"), 16).lower()
    kind = wording.kind_of(protocol)
    if kind in _DETECTED and state not in ("closed", "off"):
        findings.add(kind)
    elif state in ("opened", "closed"):
        findings.measurements["open"] = state == "opened"
        findings.add(T.DOOR)
    elif state or not findings.found:
        findings.measurements["button"] = state or "pressed"
        findings.add(T.PRESS, gesture=state or "single")
    return "/".join([protocol, *identity]), findings


_DETECTED: Final = frozenset({T.SMOKE, T.GAS, T.CO, T.WATER})
"""Detectors, which transmit when they have something to tell."""


def _rtl(gateway: str, said: Mapping[str, Any], rest: str) -> _Found:  # noqa: ARG001 - all readers are called alike
    device = rtl_433.device_of(said)
    return None if device is None or device == "status" else (device, fields.read(said))


def _system(gateway: str, said: Mapping[str, Any], rest: str) -> _Found:  # noqa: ARG001 - all readers are called alike
    findings = Findings()
    for name in ("uptime", "freemem", "rssi"):
        if (figure := reading.number(said.get(name))) is not None:
            findings.measurements[name] = figure
    return gateway, findings


def _sensor(gateway: str, said: Mapping[str, Any], rest: str) -> _Found:
    """What is wired to the gateway, or speaks LoRa to it: ``{"tempc":…,"hum":…}``, ``{"presence":…}``, a contact."""
    identity = reading.text(said.get("id"), 64)
    if "detected" in said and "gas" in said:  # the figure is the sensor's voltage
        said = {**said, "gas": said["detected"]}
    findings = theengs_ble.read_fields({"type": "GATEWAY", **said})
    if (moves := reading.truth(said.get("hcsr501"))) is not None:
        findings.measurements["motion"] = moves
        findings.add(T.MOTION)
    if reading.truth(said.get("onTouch")):
        findings.measurements["button"] = "touch"
        findings.add(T.PRESS, gesture="single")
    level = reading.text(said.get("gpio"), 8).upper()
    if level in ("HIGH", "LOW"):
        # pulled up or pulled down, pressed or let go: who wired it knows, and both come within seconds
        findings.measurements["button"] = level
        findings.add(T.PRESS, gesture=level.lower())
    for name in ("message", "text", "data", "payload", "value"):  # what a LoRa or RFM69 node of one's own writes
        message = said.get(name)
        if isinstance(message, str) and (kind := wording.kind_of(message)) in _WRITTEN:
            findings.add(kind)
            break
    device = canonical(identity) or "/".join(part for part in (gateway, rest) if part)
    return device, findings


_WRITTEN: Final = frozenset({T.SOS, T.FALL, T.SMOKE, T.GAS, T.CO, T.WATER})
_RADIOS: Final[Mapping[str, Callable[[str, Mapping[str, Any], str], _Found]]] = {
    "433": _code,
    "SRFB": _code,
    "IR": _code,
    "RF2": _rf2,
    "Pilight": _pilight,
    "RTL_433": _rtl,
    "SYS": _system,
}


def canonical(written: str) -> str:
    """Codes as written; hardware addresses as twelve upper-case digits."""
    name = written.strip()
    return name if name.isdecimal() else theengs_ble.FAMILY.canonical(name)


def gateway(topic: str, payload: bytes) -> str:
    """Which gateway heard it, as its last will names it: the levels before the last, ``home/OMG_bath``."""
    match = _TOPIC.fullmatch(topic) or _LWT.fullmatch(topic)
    return match["gateway"] if match else theengs_ble.gateway(topic, payload)


_HEARD: Final = (
    *("433", "RF2", "Pilight", "SRFB", "IR", "RTL_433", "LORA", "GPIOInput", "GPIOKey", "HCSR501", "HCSR04", "SYS"),
    *("CLIMA", "GASMQ", "TOUCH", "ONOFF", "RFM69", "2G", "WeatherStation", "BH1750", "TSL2561", "ADC", "INA226"),
    *("RS232", "RELEASE", "GF_SUN_INVERTER"),
)
"""The modules of its documentation; a filter can name no part of a level, so each is named."""

FAMILY: Final = Family(
    name=NAME,
    bases=("home/OpenMQTTGateway", "home/TheengsGateway"),
    subscriptions=(
        *(f"{gateway}/{radio}toMQTT/#" for gateway in ("+/+", "+/+/+") for radio in _HEARD),
        "+/+/LWT",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    canonical=canonical,
    gateway=gateway,
    rank=5,
    overhears=Overhears(numbers=False),
)
