"""Meshtastic: LoRa mesh nodes, by the JSON or the protobuf that their gateways publish.

Sources: meshtastic.org, "MQTT"; firmware, ``MeshPacketSerializer``. The last level of the topic is the gateway; the
node that spoke is ``from`` in the payload.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from devices.addresses import NAMES
from devices.families.meshtastic import wire
from devices.family import Family
from devices.shared import plain_words, reading, vitals
from devices.shared.finding import Findings, unaddressed
from devices.signal import Signal, SignalType

NAME: Final = "meshtastic"
T = SignalType
_TOPIC = re.compile(r"/?msh/(?:[^/]+/){0,4}?2/(?:(json|[ec])/[^/]+|(stat))/([^/]*)")
_NODE = re.compile(r"!?([0-9a-fA-F]{8})")
_NUMBER = re.compile(r"-?\d{1,12}")
_DEGREES = 10_000_000
_NODES = 2**32
_ABOUT_ITSELF: Final = frozenset(
    {"battery_level", "voltage", "channel_utilization", "air_util_tx", "uptime_seconds", "heart_bpm", "spo2", "spO2"}
    | {"body_temperature"}
)
_MOST_FIGURES = 16
_ENCRYPTED = "encrypted"
_ENVIRONMENT: Final = {
    "temperature": "temperature",
    "relative_humidity": "humidity",
    "barometric_pressure": "pressure",
    "iaq": "iaq",
    "lux": "illuminance",
}


def matches(topic: str) -> bool:
    """Whether this is a packet, as JSON or as protobuf (``2/e``, formerly ``2/c``), or a gateway's state."""
    return _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The gateway for its state; None for packets, whose node is in the payload."""
    match = _TOPIC.fullmatch(topic)
    return canonical(match[3]) or None if match and match[2] else None


def canonical(written: str) -> str:
    """A node's number in decimal digits; ``!7efeee00``, as the apps show it, is 2130636288."""
    name = written.strip()
    if name.startswith("!") and (match := _NODE.fullmatch(name)):
        return str(int(match[1], 16))
    return str(int(name) % _NODES) if _NUMBER.fullmatch(name) else name


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if not payload:
        return ()
    if match and match[2]:
        return _gateway(canonical(match[3]), payload, retained=retained)
    bare = match is not None and match[1] in ("e", "c")
    try:
        said = wire.read(payload) if bare else reading.json_object(payload)
    except reading.UnreadableError:
        return unaddressed(NAME, retained=retained)
    kind = reading.text(said.get("type"), 32).lower()
    if kind.startswith("send"):  # an order to a gateway, not a packet
        return ()
    node = canonical(reading.text(said.get("from"), 16))
    if not node.isdecimal():
        return unaddressed(NAME, retained=retained)
    findings = Findings(at=reading.instant(said.get("timestamp")))
    packet = reading.number(said.get("id"))
    if kind == _ENCRYPTED:  # its JSON twin may have come, or come yet, under the same number: this one takes none
        findings.measurements["undecoded"] = True
    elif isinstance(packet, int) and packet:
        findings.ref = str(packet)
    if reader := _TYPES.get(kind):
        reader(said.get("payload"), findings)
    return findings.signals(node, NAME, retained=retained)


def _gateway(device: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    kinds = {"online": T.ONLINE, "offline": T.OFFLINE}
    word = payload[:32].decode("utf-8", "replace").strip("\x00 \t\r\n\"'").lower()
    return (Signal(device=device or None, family=NAME, type=kinds.get(word, T.FAULT), retained=retained),)


def _text(packet: object, findings: Findings) -> None:
    """A message that somebody wrote or sent with one key. The firmware unpacks a text that happens to be JSON."""
    said = packet.get("text") if isinstance(packet, dict) and "text" in packet else packet
    findings.text = reading.text(said, 200) or reading.text(str(said)[:200] if said else "", 200)
    findings.add(T.PRESS)


def _alert(packet: object, findings: Findings) -> None:
    """The port for critical alerts, which rings at the receivers' even where they are muted."""
    findings.text = reading.text(packet.get("text") if isinstance(packet, dict) else packet, 200)
    findings.add(T.SOS)


def _detection(packet: object, findings: Findings) -> None:
    """A contact at a node's pin, under the name its owner gave it: ``"Bath cord detected"``, ``"Door state: 0"``."""
    said = reading.text(packet.get("text") if isinstance(packet, dict) else packet, 200)
    findings.text = said
    name, _, state = said.partition("state:")
    on = not state or reading.truth(state) is not False
    sense = plain_words.sense_of(name.replace("detected", " "))
    if sense is None or sense is T.PRESS:
        plain_words.press(on, findings)
    else:
        plain_words.read(name.replace("detected", " "), on, findings)


def _telemetry(packet: object, findings: Findings) -> None:
    """Battery 0 with voltage 0 is a node without a battery gauge; 101 is one on external power."""
    values = packet if isinstance(packet, dict) else {}
    level = reading.number(values.get("battery_level"))
    if level:
        findings.battery = reading.percent(level)
        findings.measurements["mains"] = level > 100  # noqa: PLR2004 - the firmware's own mark for external power
    if volts := reading.number(values.get("voltage")):
        findings.measurements["battery_voltage"] = volts
    for key, value in list(values.items())[:_MOST_FIGURES]:
        if key not in _ABOUT_ITSELF and (figure := reading.number(value)) is not None:
            findings.measurements[_ENVIRONMENT.get(key, reading.text(key, 32))] = figure
            findings.add(T.MEASUREMENT)
    if vitals.read(
        ((key.removesuffix("_bpm") + "_rate", values[key]) for key in ("heart_bpm",) if key in values),
        findings,
        worn=True,
    ):
        findings.add(T.MEASUREMENT)
    if vitals.read(
        (("body_temperature", values[key]) for key in ("body_temperature",) if key in values), findings, worn=True
    ):
        findings.add(T.MEASUREMENT)
    if vitals.read((("spo2", values[key]) for key in ("spO2", "spo2") if key in values), findings, worn=True):
        findings.add(T.MEASUREMENT)


def _position(packet: object, findings: Findings) -> None:
    values = packet if isinstance(packet, dict) else {}
    north, east = reading.number(values.get("latitude_i")), reading.number(values.get("longitude_i"))
    if north is not None and east is not None:
        findings.position = reading.position(north / _DEGREES, east / _DEGREES)
    findings.at = reading.instant(values.get("time") or values.get("timestamp")) or findings.at
    if findings.position:
        findings.add(T.LOCATION)


def _pins(packet: object, findings: Findings) -> None:
    value = reading.number(packet.get("gpio_value")) if isinstance(packet, dict) else None
    if value is not None:
        findings.measurements["gpio"] = value
        findings.add(T.MEASUREMENT)


_TYPES: Final[Mapping[str, Callable[[object, Findings], None]]] = {
    "text": _text,
    "alert": _alert,
    "detection": _detection,
    "telemetry": _telemetry,
    "position": _position,
    "gpios_changed": _pins,
    "gpios_read_reply": _pins,
}
"""All else (nodeinfo, neighborinfo, traceroute, waypoint, paxcounter, what nobody could decrypt) is a sign of life."""


def gateway(topic: str, payload: bytes) -> str:
    """The node that brought it to the broker."""
    del payload
    return canonical(topic.rpartition("/")[2])


FAMILY: Final = Family(
    name=NAME,
    subscriptions=tuple(
        f"msh/{region}2/{what}"
        for region in ("", "+/", "+/+/", "+/+/+/")
        for what in ("json/+/+", "e/+/+", "c/+/+", "stat/+")
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    canonical=canonical,
    gateway=gateway,
    rank=2,
)
