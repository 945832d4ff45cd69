"""EspruinoHub: Puck.js buttons, Bangle.js watches and any Bluetooth device that a Raspberry Pi hears.

Sources: EspruinoHub ``README.md``, ``lib/attributes.js``, ``lib/discovery.js``. The topics begin with a slash, and the
same value comes on up to three of them: the raw service data is read, the others are not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from devices.addresses import MAC_OR_NAME
from devices.family import Family
from devices.shared import bthome_bytes, reading, vitals, wording
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

T = SignalType
NAME: Final = "espruinohub"
_MAC = r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}"
_TOPIC = re.compile(r"/?ble/(?P<verb>advertise|presence|data|pong|written)/(?P<device>[^/]+)(?:/(?P<rest>.+))?")
_TWIN = re.compile(rf"/?ble/[a-z@0-9]+/(?:{_MAC})")
_MAX_BYTES = 64


def matches(topic: str) -> bool:
    """Whether the hub publishes here (``write``, ``read``, ``notify`` and ``ping`` are orders to it)."""
    return topic.startswith(("/ble/", "ble/")) and (
        _TOPIC.fullmatch(topic) is not None or _TWIN.fullmatch(topic) is not None
    )


def address(topic: str) -> str | None:
    """The hardware address in lower case, or the name given to it in the hub's configuration."""
    match = _TOPIC.fullmatch(topic)
    return canonical(match["device"]) if match else None


def canonical(written: str) -> str:
    """Hardware addresses in lower case with colons, as the hub writes them; names as they are."""
    name = written.strip()
    digits = re.sub(r"[\s:.-]", "", name[:64]).lower()
    if re.fullmatch(r"[0-9a-f]{12}", digits):
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    return name


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    device, verb, rest = canonical(match["device"]), match["verb"], match["rest"]
    findings = Findings()
    try:
        if verb == "presence":
            _presence(payload, findings)
        elif verb == "advertise":
            _advertised(rest, payload, findings)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    return findings.signals(device, NAME, retained=retained)


def _presence(payload: bytes, findings: Findings) -> None:
    there = reading.truth(payload[:16].decode("utf-8", "replace").strip('\x00 \t\r\n"'))
    if there is None:
        findings.add(T.FAULT, text="presence could not be read")
    elif not there:
        findings.add(T.FAULT, text="out of the hub's range")


def _advertised(rest: str | None, payload: bytes, findings: Findings) -> None:
    if rest is None:
        said = reading.json_object(payload)
        if (rssi := reading.number(said.get("rssi"))) is not None:
            findings.measurements["rssi"] = rssi
        findings.add(T.LOCATION)
    elif rest == "espruino":
        _program(payload, findings)
    elif reader := _SERVICES.get(rest.lower()):
        value = reading.json_value(payload)
        if isinstance(value, list) and all(isinstance(byte, int) for byte in value[:_MAX_BYTES]):
            reader([byte & 0xFF for byte in value[:_MAX_BYTES]], findings)
    elif _kind(rest) in _CALLS:
        _own({rest: reading.json_value(payload)}, findings)
        findings.quiet = True
    else:
        findings.quiet = True  # rssi, decoded twins, manufacturer data


def _program(payload: bytes, findings: Findings) -> None:
    """What a program on the device advertises: mostly an object, but ``7`` or ``"sos"`` are let through."""
    try:
        value = reading.json_value(payload)
    except reading.UnreadableError:
        value = None
    if isinstance(value, list):
        _own({f"value{number}": one for number, one in enumerate(value[:8])}, findings)
    elif isinstance(value, str) and (kind := _kind(value)) in _SAYABLE:
        _said("button", kind, value, findings)
    elif isinstance(value, str | int | float):
        _own({"value": value}, findings)
    else:
        _own(_lenient(payload), findings)


_BARE_KEY: Final = re.compile(r"([{,]\s*)([A-Za-z_]\w{0,30})\s*:")


def _lenient(payload: bytes) -> dict[str, Any]:
    """24 bytes of advertisement leave no room for quotes: ``{a:10,b:15}`` is let through by the hub."""
    try:
        return reading.json_object(payload)
    except reading.UnreadableError:
        quoted = _BARE_KEY.sub(r'\1"\2":', payload[:400].decode("utf-8", "replace").replace("'", '"'))
        return reading.json_object(quoted.encode("utf-8", "replace"))


_BATTERY_NAMES: Final = frozenset({"bat", "batt", "battery"})
_BUTTON_NAMES: Final = frozenset({"btn", "b1", "press", "pressed", "click"})


def _own(said: Mapping[str, Any], findings: Findings) -> None:
    """What a program on the device chose to say: names alarmd knows are read, figures are kept."""
    findings.battery = reading.percent(said.get("bat", said.get("battery", said.get("batt"))))
    worn = vitals.is_worn(said)
    for name, value in list(said.items())[:24]:
        if name.lower() in _BATTERY_NAMES:
            continue
        kind = _kind(name)
        if kind in _SAYABLE:
            _said(name, kind, value, findings)
        elif isinstance(value, str) and (kind := wording.kind_of(value)) in (T.SOS, T.FALL):
            _said(name, kind, 1, findings)
        elif (figure := reading.number(value)) is not None:
            called = _README.get(name.lower()) or wording.measurement_of(name) or vitals.name_of(name, worn=worn)
            findings.measurements[called or reading.text(name, 32)] = figure
            findings.add(T.MEASUREMENT)


_README: Final[Mapping[str, str]] = {"hr": "heart_rate", "t": "temperature"}
"""Names that the hub's own page gives to what a watch and a Puck say."""


def _kind(name: str) -> SignalType | None:
    return T.PRESS if name.lower() in _BUTTON_NAMES else wording.kind_of(name)


_CALLS: Final = frozenset({T.PRESS, T.SOS, T.FALL})
"""What is read from a twin: a service that the hub's configuration names ``button`` has no other readable topic."""
_SAYABLE: Final = frozenset(
    {T.PRESS, T.SOS, T.FALL, T.SMOKE, T.GAS, T.CO, T.WATER, T.HEAT, T.DOOR, T.MOTION, T.PRESENCE, T.TAMPER}
)


def _said(name: str, kind: SignalType, value: object, findings: Findings) -> None:
    yes = reading.truth(value)
    word = reading.text(value, 32)
    if kind is T.DOOR and yes is not None:
        findings.measurements["open"] = yes
        findings.add(kind)
    elif kind in (T.MOTION, T.PRESENCE) and yes is not None:
        findings.measurements[str(kind)] = yes
        findings.add(kind)
    elif yes or (yes is None and word):
        findings.measurements["button" if kind is T.PRESS else name[:32]] = word
        findings.add(kind, gesture="single" if kind is T.PRESS else None)


def _figure(called: str, divisor: float, *, signed: bool = True) -> Callable[[Sequence[int], Findings], None]:
    def read(data: Sequence[int], findings: Findings) -> None:
        if not data:
            return
        raw = int.from_bytes(bytes(data[:4]), "little", signed=signed and len(data) > 1)
        value = raw / divisor if len(data) > 1 else float(raw - 256 if signed and raw > 127 else raw)  # noqa: PLR2004 - a signed byte
        findings.measurements[called] = int(value) if value.is_integer() else round(value, 2)
        findings.add(T.MEASUREMENT)

    return read


def _battery(data: Sequence[int], findings: Findings) -> None:
    if data:
        findings.battery = reading.percent(data[0])


def _heart(data: Sequence[int], findings: Findings) -> None:
    """Bluetooth's heart rate: flags, then the beats in one byte or in two."""
    if len(data) > 1:
        beats = data[1] + (data[2] << 8 if data[0] & 1 and len(data) > 2 else 0)  # noqa: PLR2004 - flags and two bytes
        if beats:
            findings.measurements["heart_rate"] = beats
            findings.add(T.MEASUREMENT)


def _bthome(data: Sequence[int], findings: Findings) -> None:
    bthome_bytes.read(bytes(data), findings)


_SERVICES: Final[Mapping[str, Callable[[Sequence[int], Findings], None]]] = {
    "1809": _figure("temperature", 100),
    "2a6e": _figure("temperature", 100),
    "2a6f": _figure("humidity", 100, signed=False),
    "2a6d": _figure("pressure", 1000, signed=False),
    "180f": _battery,
    "2a19": _battery,
    "180d": _heart,
    "2a37": _heart,
    bthome_bytes.UUID: _bthome,
}
"""By Bluetooth's numbers of services and characteristics."""


def gateway(topic: str, payload: bytes) -> str:
    """``/ble``: a hub does not name itself, but where nothing comes from any hub, that is one cause."""
    del payload
    return topic[: topic.find("ble/") + 3]


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("/ble/advertise/#", "/ble/presence/+"),
    matches=matches,
    decode=decode,
    addresses=MAC_OR_NAME,
    address=address,
    canonical=canonical,
    gateway=gateway,
)
