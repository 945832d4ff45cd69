"""Shelly, second generation and later (Plus, Pro, Gen3, Gen4), and Bluetooth (BLU) devices behind such a gateway.

Sources: Shelly's Gen2 API reference (Notifications, MQTT, Input, Smoke, Flood, DevicePower, BTHomeDevice, BTHomeSensor)
and docs-ble; the scripts of shelly-script-examples that publish BLU advertisements; the messages quoted by
ha-shellies-discovery-gen2 (issue 14) and ioBroker.shelly (issue 1220).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from devices.family import CLOSED, Family, Message
from devices.shared import bthome, reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

T = SignalType
NAME: Final = "shelly_gen2"
_EVENTS = re.compile(r"(?P<device>.+)/events/rpc")
_STATUS = re.compile(r"(?P<device>.+)/status/(?P<component>[a-z0-9_]+(?::\d+)?)")
_ONLINE = re.compile(r"(?P<device>[^/]+|.*\bshelly[^/]*)/online", re.IGNORECASE)
_OTHERS = ("homeassistant/", "zigbee2mqtt/", "tele/", "stat/", "cmnd/", "$")
_MAX_EVENTS = 32
_GESTURES: Final[Mapping[str, str]] = {
    "single_push": "single",
    "double_push": "double",
    "triple_push": "triple",
    "long_push": "long",
    "hold": "long",
    "long_double_push": "long_double",
    "long_triple_push": "long_triple",
    "rotate_left": "rotate_left",
    "rotate_right": "rotate_right",
}
_EDGES: Final = frozenset({"btn_down", "btn_up", "release"})
"""One push of a button is its fall, its rise and then the push: told once, by the push."""
_ALARM_EVENTS: Final[Mapping[str, SignalType]] = {
    "alarm_off": T.CANCEL,
    "alarm_test": T.TEST,
}
_COMPONENT_ALARMS: Final[Mapping[str, SignalType]] = {
    "smoke": T.SMOKE,
    "flood": T.WATER,
    "gas": T.GAS,
    "co": T.CO,
    "heat": T.HEAT,
    "presence": T.PRESENCE,
    "motion": T.MOTION,
}


def matches(topic: str) -> bool:
    """Whether the shape is Shelly's: notifications under any prefix, status of a numbered component, the last will."""
    if topic.startswith(_OTHERS):
        return False
    if topic.endswith("/events/rpc"):
        return len(topic) > len("/events/rpc")
    if match := _STATUS.fullmatch(topic):
        return ":" in match["component"] or "shelly" in match["device"].lower()
    return _ONLINE.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The topic prefix, by default the device's id; a BLU device behind it has its component added."""
    for shape in (_EVENTS, _STATUS, _ONLINE):
        if match := shape.fullmatch(topic):
            part = match.groupdict().get("component") or ""
            return _device(match["device"], part)
    return None


def _device(prefix: str, component: str) -> str:
    return f"{prefix}/{component}" if component.startswith(("bthome", "blutrv:", "presencezone:")) else prefix


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if not payload or topic.startswith(_OTHERS):
        return ()
    if match := _ONLINE.fullmatch(topic):
        return _online(match["device"], payload, retained=retained)
    match = _EVENTS.fullmatch(topic) or _STATUS.fullmatch(topic)
    if match is None:
        return ()
    prefix, component = match["device"], match.groupdict().get("component")
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(_device(prefix, component or ""), NAME, retained=retained)
    if component is not None:
        parts = {component: said} if component != "rpc" else said
        return _status(prefix, parts, None, whole=component == "rpc", retained=retained)
    return _notification(prefix, said, retained=retained)


def _online(prefix: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """The last will. A battery model is asleep, and so offline, nearly always."""
    findings = Findings()
    yes = reading.truth(payload[:16].decode("utf-8", "replace").strip('\x00 \t\r\n"'))
    if yes is None:
        findings.add(T.FAULT, text="online could not be read")
    elif not yes:
        findings.add(T.OFFLINE)
    return findings.signals(prefix, NAME, retained=retained)


def _notification(prefix: str, said: Mapping[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    params = said.get("params")
    method = said.get("method")
    if not isinstance(params, dict):
        return () if "method" in said or "result" in said else unreadable(prefix, NAME, retained=retained)
    if method == "NotifyEvent":
        return _events(prefix, params, retained=retained)
    if method in ("NotifyStatus", "NotifyFullStatus"):
        return _status(prefix, params, params.get("ts"), whole=method == "NotifyFullStatus", retained=retained)
    return ()


def _events(prefix: str, params: Mapping[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    events = params.get("events")
    if not isinstance(events, list):
        return unreadable(prefix, NAME, retained=retained)
    signals: list[Signal] = []
    for event in events[:_MAX_EVENTS]:
        if isinstance(event, dict):
            signals.extend(_event(prefix, event, params.get("ts"), retained=retained))
    return tuple(_each_once(signals))


def _each_once(signals: Iterable[Signal]) -> Iterable[Signal]:
    """One message may tell the same of the same device twice: an old component and the new one that replaced it."""
    seen: set[tuple[object, ...]] = set()
    for signal in signals:
        input_or_key = (signal.measurements.get("input"), signal.measurements.get("key"))
        said = (signal.device, signal.type, signal.gesture, *input_or_key)
        if said not in seen:
            seen.add(said)
            yield signal


def _event(prefix: str, event: Mapping[str, Any], ts: object, *, retained: bool) -> tuple[Signal, ...]:
    component = reading.text(event.get("component"), 64)
    name = reading.text(event.get("event"), 64).lower()
    findings = Findings(at=reading.instant(event.get("ts")) or reading.instant(ts), quiet=True)
    data = event.get("data")
    if isinstance(data, dict) and isinstance(data.get("address"), str):  # a script that forwards BLU advertisements
        bthome.read(data, findings)
        return findings.signals(bthome.mac(data["address"]), NAME, retained=retained)
    _which(component, event, findings)
    if findings.at is not None:
        findings.ref = f"{component} {name} {reading.text(event.get('ts', ts), 32)}"
    kind = component.partition(":")[0]
    name = name.removeprefix(f"{kind}.")  # webhooks and some firmware say `smoke.alarm`
    if name in _GESTURES or (name.endswith("_push") and kind in ("input", "bthomedevice", "bthomesensor", "button")):
        findings.measurements["button"] = name
        findings.add(T.PRESS, gesture=_GESTURES.get(name, name))
    elif name in _EDGES:
        pass
    elif kind in _COMPONENT_ALARMS and name.startswith("alarm"):
        over = name in ("alarm_off", "alarm_test")
        findings.add(_ALARM_EVENTS[name] if over else _COMPONENT_ALARMS[kind])
    elif kind in ("input", "button", "bthomedevice", "bthomesensor") and name not in _HOUSEKEEPING:
        # an input that says a word of a later firmware: the one who registered it knows what it is for
        findings.measurements["button"] = name
        findings.add(T.PRESS, gesture=name or "unknown")
    elif name in _FAULTS:
        findings.add(T.FAULT, text=f"{component} {name}".strip())
    elif kind == "sys" and name in ("sleep", "scheduled_restart"):
        findings.add(T.HEARTBEAT)
    return findings.signals(_device(prefix, component), NAME, retained=retained)


_HOUSEKEEPING: Final = frozenset(
    {
        "config_changed",
        "component_added",
        "component_removed",
        "new_objects",
        "device_discovered",
        "discovery_done",
        "associations_progress",
        "associations_done",
        "ota_begin",
        "ota_progress",
        "ota_success",
        "ota_error",
        "data",
        "",
    }
)
_FAULTS: Final = frozenset({"ota_error", "cable_unplugged", "brownout", "overtemp", "overpower", "battery_low"})


def _which(component: str, event: Mapping[str, Any], findings: Findings) -> None:
    """Which of several inputs or keys it was."""
    kind, _, number = component.partition(":")
    if kind == "input" and (figure := reading.number(number)) is not None:
        findings.measurements["input"] = figure
    if (index := reading.number(event.get("idx"))) is not None:
        findings.measurements["key"] = index


def _status(prefix: str, parts: Mapping[str, Any], ts: object, *, whole: bool, retained: bool) -> tuple[Signal, ...]:
    """Components by name. Those of the device itself make one signal, each BLU device one of its own."""
    own = Findings(at=reading.instant(ts))
    signals: list[Signal] = []
    for component, part in list(parts.items())[:_MAX_COMPONENTS]:
        if not isinstance(part, dict):
            continue
        device = _device(prefix, component)
        if device == prefix:
            _read(component, part, own, whole=whole)
        else:
            findings = Findings(at=reading.instant(part.get("last_updated_ts")) or own.at, quiet=whole)
            (_zone if component.startswith("presencezone:") else _read_blu)(part, findings)
            signals.extend(findings.signals(device, NAME, retained=retained))
    if len(own.found) == 0 and signals:
        own.quiet = True
    if not own.found and any(name.startswith("input:") for name in parts) and not whole:
        own.quiet = True
    return (*own.signals(prefix, NAME, retained=retained), *signals)


_MAX_COMPONENTS: Final = 200


def _read(component: str, part: Mapping[str, Any], findings: Findings, *, whole: bool) -> None:
    kind = component.partition(":")[0]
    if kind == "devicepower":
        _power(part, findings)
    elif kind == "input":
        _input(part, findings, whole=whole)
    elif kind in _COMPONENT_ALARMS:
        _alarm(kind, part, findings)
    elif kind in _FIGURES:
        for name, called in _FIGURES[kind].items():
            if (figure := reading.number(part.get(name))) is not None:
                findings.measurements.setdefault(called, figure)
                findings.add(T.MEASUREMENT)
    errors = part.get("errors")
    if isinstance(errors, list) and errors and kind not in _TALKATIVE:
        findings.add(T.FAULT, text=f"{component}: {', '.join(reading.text(error, 40) for error in errors[:4])}")


_FIGURES: Final[Mapping[str, Mapping[str, str]]] = {
    "temperature": {"tC": "temperature"},
    "humidity": {"rh": "humidity"},
    "illuminance": {"lux": "illuminance"},
    "voltmeter": {"voltage": "voltage"},
}
_TALKATIVE: Final = frozenset({"cloud", "wifi", "mqtt", "ble", "ws", "script", "bthome", "knx", "matter", "eth"})


def _power(part: Mapping[str, Any], findings: Findings) -> None:
    """0 % while the mains feeds the device is no empty battery but none at all."""
    external = part.get("external")
    mains = isinstance(external, dict) and reading.truth(external.get("present"))
    battery = part.get("battery")
    if isinstance(external, dict):
        findings.measurements["mains"] = bool(mains)
    if isinstance(battery, dict):
        if not mains:
            findings.battery = reading.percent(battery.get("percent"))
        if (volts := reading.number(battery.get("V"))) is not None:
            findings.measurements["battery_voltage"] = volts


def _input(part: Mapping[str, Any], findings: Findings, *, whole: bool) -> None:
    """The level of an input set up as a switch (a cord that stays pulled); as a button it has none, and is null."""
    if (number := reading.number(part.get("id"))) is not None:
        findings.measurements["input"] = number
    state = reading.truth(part.get("state"))
    if state is True:
        findings.measurements["button"] = "on"
        findings.add(T.PRESS, gesture="on")
    elif state is False and not whole:
        findings.add(T.CANCEL)


def _alarm(kind: str, part: Mapping[str, Any], findings: Findings) -> None:
    called = "flood" if kind == "flood" else kind
    state = part.get("alarm", part.get("value", part.get("motion")))
    if kind == "presence" and state is None:
        state = part.get("num_objects")
    yes = reading.truth(state)
    signal = _COMPONENT_ALARMS[kind]
    if yes is not None:
        findings.measurements[called] = yes
        if yes or signal in (T.MOTION, T.PRESENCE):
            findings.add(signal)
    elif state is not None:
        findings.add(signal, suspect=Suspect.UNKNOWN_CODE, text=f"{kind} alarm {reading.text(state, 32)}")
    elif "alarm" in part and not part.get("errors"):
        findings.add(T.FAULT, text=f"{kind}: the sensor does not know")


def _zone(part: Mapping[str, Any], findings: Findings) -> None:
    """A part of the room that a presence sensor watches."""
    there = reading.truth(part.get("value", part.get("num_objects")))
    if there is not None:
        findings.measurements["presence"] = there
        findings.add(T.PRESENCE)


def _read_blu(part: Mapping[str, Any], findings: Findings) -> None:
    """A BLU device's own state. A sensor's value means what its gateway was told; here it is only a value."""
    findings.battery = reading.percent(part.get("battery"))
    if (packet := reading.number(part.get("packet_id"))) is not None:
        findings.measurements["packet"] = packet
    if (rssi := reading.number(part.get("rssi"))) is not None:
        findings.measurements["rssi"] = rssi
    value = part.get("value")
    for name, called in (("current_C", "temperature"), ("target_C", "target_temperature")):
        if (figure := reading.number(part.get(name))) is not None:
            findings.measurements[called] = figure
            findings.add(T.MEASUREMENT)
    if isinstance(value, bool):
        findings.measurements["value"] = value
        findings.add(T.MEASUREMENT)
    elif (figure := reading.number(value)) is not None:
        findings.measurements["value"] = figure
        findings.add(T.MEASUREMENT)
    if isinstance(errors := part.get("errors"), list) and errors:
        findings.add(T.FAULT, text=", ".join(reading.text(error, 40) for error in errors[:4]))


def recognises(topic: str, payload: bytes) -> bool:
    """Whether a message on a topic of this shape can be Shelly's: the last will is a bare true or false."""
    return not topic.endswith("/online") or payload.strip().lower() in (b"true", b"false")


def gateway(topic: str, payload: bytes) -> str:
    """The Shelly, of what its Bluetooth devices say: as components of its own, or passed on by a script."""
    prefix, found, part = topic.rpartition("/status/")
    if found:
        return prefix if part.startswith("bthome") else ""
    prefix, found, _ = topic.rpartition("/events/rpc")
    return prefix if found and (b'"bthome' in payload or b'"address"' in payload) else ""


def answer(address: str, status: str) -> Message:
    """Its first switch."""
    call = {"id": 1, "src": "alarmd", "method": "Switch.Set", "params": {"id": 0, "on": status != CLOSED}}
    return Message(f"{address}/rpc", json.dumps(call).encode())


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        *(f"{device}/{what}" for device in ("+", "+/+", "+/+/+") for what in ("events/rpc", "status/+")),
        *("+/online", "+/+/online", "+/+/+/online"),
    ),
    replies=(
        "+/rpc",
        "+/+/rpc",
        "+/+/+/rpc",
    ),
    matches=matches,
    decode=decode,
    address=address,
    recognises=recognises,
    gateway=gateway,
    rank=6,
    answer=answer,
)
