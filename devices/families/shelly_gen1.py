"""Shelly, first generation: buttons, inputs that a cord is wired to, smoke, gas, flood, door and motion sensors.

Sources: Shelly's Gen1 API reference, chapter MQTT; the messages quoted by ha-shellies-discovery (issue 50) and
ioBroker.shelly (issue 1289).

``event_cnt`` counts presses, starts at 0 after each reboot, and a mains-powered model repeats its last press with the
same count every update period. It is told as a measurement and not as the signal's key, under which the presses after a
reboot would count as repeats of old ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.family import CLOSED, Family, Message
from devices.shared import reading
from devices.shared.finding import Findings, unaddressed, unreadable
from devices.signal import Signal, SignalType, Suspect

T = SignalType
NAME: Final = "shelly_gen1"
_TOPIC = re.compile(r"(?:[^/]+/){0,2}?shellies/(?P<device>[^/]+)(?:/(?P<rest>.+))?")
_GEN2 = re.compile(r".*/(?:events/rpc|rpc|status/\w+:\d+|debug/log)")
_SHARED = frozenset({"announce", "command"})
_GESTURES: Final = {
    "S": "single",
    "SS": "double",
    "SSS": "triple",
    "L": "long",
    "SL": "single_long",
    "LS": "long_single",
}
_COMMAND: Final = re.compile(r"(?:.*/)?(?:command|set|settings)(?:/.*)?")


def matches(topic: str) -> bool:
    """Whether a Shelly of the first generation publishes here; newer ones may have been given the same prefix."""
    return "shellies/" in topic and _TOPIC.fullmatch(topic) is not None and _GEN2.fullmatch(topic) is None


def address(topic: str) -> str | None:
    """The device's id, ``shellybutton1-A4CF12F45301``; None on the topics that all of them share."""
    match = _TOPIC.fullmatch(topic)
    return match["device"] if match and match["device"] not in _SHARED else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if not payload or match is None:
        return ()
    if match["rest"] is None:
        return _announce(match["device"], payload, retained=retained)
    findings = Findings()
    try:
        _read(match["rest"], payload, findings)
    except reading.UnreadableError:
        return unreadable(match["device"], NAME, retained=retained)
    return findings.signals(match["device"], NAME, retained=retained)


def _announce(shared: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """``shellies/announce``: a device says that it is there; a battery model does at each waking."""
    if shared != "announce":
        return ()
    try:
        device = reading.text(reading.json_object(payload).get("id"), 100)
    except reading.UnreadableError:
        device = ""
    if not device:
        return unaddressed(NAME, retained=retained)
    return (Signal(device=device, family=NAME, type=T.HEARTBEAT, text="announced itself", retained=retained),)


def _read(rest: str, payload: bytes, findings: Findings) -> None:
    head, _, tail = rest.partition("/")
    if head == "input_event":
        _input_event(reading.json_object(payload), tail, findings)
    elif head in ("info", "status", "announce"):
        _dump(reading.json_object(payload), findings)
    elif _COMMAND.fullmatch(rest):
        findings.quiet = True
    else:
        word = payload[:64].decode("utf-8", "replace").strip('\x00 \t\r\n"')
        if reader := _PLAIN.get(tail) if head == "sensor" else _TOP.get(head):
            reader(word, findings)


def _input_event(said: Mapping[str, Any], tail: str, findings: Findings) -> None:
    """A press. The level of an input (``input/0``) rises and falls with it and is told by no signal of its own."""
    event = reading.text(said.get("event"), 16).upper()
    if not event and isinstance(said.get("event"), dict | list):
        raise reading.UnreadableError("an event that is no word")
    if (count := reading.number(said.get("event_cnt"))) is not None:
        findings.measurements["event_cnt"] = count
    if (number := reading.number(tail)) is not None:
        findings.measurements["input"] = number
    if event:
        findings.measurements["button"] = event
        findings.add(T.PRESS, gesture=_GESTURES.get(event, event))


def _dump(said: Mapping[str, Any], findings: Findings) -> None:
    """The whole state. It keeps the last press for ever: a new one only where the device woke up for it."""
    _battery(said, findings)
    findings.at = reading.instant(said.get("unixtime") or said.get("timestamp"))
    reasons = said.get("act_reasons")
    inputs = said.get("inputs")
    if isinstance(reasons, list) and "button" in reasons and isinstance(inputs, list):
        for number, one in enumerate(inputs[:16]):
            if isinstance(one, dict):
                _input_event(one, reading.text(one.get("input", number), 4), findings)
    sensor = said.get("sensor")
    parts = [said, *((sensor,) if isinstance(sensor, dict) else ())]
    for part in parts:
        for name, reader in _PLAIN.items():
            if name in part and name not in _NOT_IN_A_DUMP and not isinstance(part[name], dict | list):
                reader(reading.text(part[name], 64), findings)
    _nested(said, findings)


def _nested(said: Mapping[str, Any], findings: Findings) -> None:
    """What a dump holds in objects, such as ``"gas_sensor":{"alarm_state":"heavy"}``."""
    for outer, inner, called in _NESTED:
        part = said.get(outer)
        if isinstance(part, dict) and inner in part and part[inner] is not None:
            _PLAIN[called](reading.text(part[inner], 64), findings)


def _battery(said: Mapping[str, Any], findings: Findings) -> None:
    battery = said.get("bat")
    level = battery.get("value") if isinstance(battery, dict) else battery
    if (percent := reading.percent(level)) is not None:
        findings.battery = percent


def _flag(kind: SignalType, name: str) -> Callable[[str, Findings], None]:
    def read(word: str, findings: Findings) -> None:
        yes = reading.truth(word)
        if yes is None:
            findings.add(kind, suspect=Suspect.UNKNOWN_CODE, text=f"{name} {reading.text(word, 32)}")
            return
        findings.measurements[name] = yes
        if yes or kind in (T.MOTION, T.PRESENCE):
            findings.add(kind)

    return read


def _figure(called: str) -> Callable[[str, Findings], None]:
    def read(word: str, findings: Findings) -> None:
        figure = reading.number(word)
        if figure is not None and figure != _NO_READING:
            findings.measurements[called] = figure
            findings.add(T.MEASUREMENT)

    return read


_NO_READING: Final = 999
"""What Shelly's thermometers say while they have not measured yet."""


def _percent(word: str, findings: Findings) -> None:
    findings.battery = reading.percent(word)


def _gas(word: str, findings: Findings) -> None:
    findings.measurements["gas"] = word
    if word == "test":
        findings.add(T.TEST)
    elif word not in ("none", "unknown", "not_completed", ""):
        findings.add(T.GAS, text=f"gas {word}" if word in ("mild", "heavy") else "")


def _operation(word: str, findings: Findings) -> None:
    if word == "fault":
        findings.add(T.FAULT, text="the sensor reports a fault")


def _self_test(word: str, findings: Findings) -> None:
    if word == "running":
        findings.add(T.TEST)


def _state(word: str, findings: Findings) -> None:
    if word in ("open", "opened", "close", "closed"):
        findings.measurements["open"] = word.startswith("open")
        findings.add(T.DOOR)


def _vibration(word: str, findings: Findings) -> None:
    if reading.truth(word):
        findings.measurements["vibration"] = True
        findings.add(T.MOTION)


def _error(word: str, findings: Findings) -> None:
    if word not in ("0", "", "none", "false"):
        findings.add(T.FAULT, text=f"sensor error {word}")


def _online(word: str, findings: Findings) -> None:
    """The last will. Battery models are asleep, and so offline, nearly always."""
    yes = reading.truth(word)
    if yes is None:
        findings.add(T.FAULT, text="online could not be read")
    else:
        findings.add(T.HEARTBEAT if yes else T.OFFLINE)


def _longpush(word: str, findings: Findings) -> None:
    """Firmware before 1.8 knew no ``input_event``."""
    if word in ("0", "1"):
        findings.measurements["button"] = f"longpush {word}"
        findings.add(T.PRESS, gesture="long" if word == "1" else "single")


def _act_reasons(word: str, findings: Findings) -> None:
    findings.measurements["act_reasons"] = word


def _note(called: str) -> Callable[[str, Findings], None]:
    def read(word: str, findings: Findings) -> None:
        value = reading.truth(word) if called in ("mains", "charging") else reading.number(word)
        if value is not None:
            findings.measurements[called] = value

    return read


_TOP: Final[Mapping[str, Callable[[str, Findings], None]]] = {
    "online": _online,
    "longpush": _longpush,
    "temperature": _note("device_temperature"),
    "overtemperature": _flag(T.FAULT, "overtemperature"),
    "ext_temperature": _figure("temperature"),
    "ext_humidity": _figure("humidity"),
}
"""Directly under the device. What a relay, a lamp or a meter says there is a sign of life and no more."""
_PLAIN: Final[Mapping[str, Callable[[str, Findings], None]]] = {
    "smoke": _flag(T.SMOKE, "smoke"),
    "flood": _flag(T.WATER, "flood"),
    "gas": _gas,
    "alarm_state": _gas,
    "motion": _flag(T.MOTION, "motion"),
    "overtemperature": _flag(T.FAULT, "overtemperature"),
    "overpower": _flag(T.FAULT, "overpower"),
    "operation": _operation,
    "sensor_state": _operation,
    "self_test": _self_test,
    "state": _state,
    "vibration": _vibration,
    "error": _error,
    "sensor_error": _error,
    "battery": _percent,
    "temperature": _figure("temperature"),
    "ext_temperature": _figure("temperature"),
    "humidity": _figure("humidity"),
    "ext_humidity": _figure("humidity"),
    "lux": _figure("illuminance"),
    "concentration": _figure("gas_ppm"),
    "tilt": _figure("tilt"),
    "charger": _note("charging"),
    "ext_power": _note("mains"),
    "act_reasons": _act_reasons,
}
_NOT_IN_A_DUMP: Final = frozenset({"temperature", "ext_temperature", "ext_humidity", "state", "battery", "error"})
_NESTED: Final = (
    ("tmp", "value", "temperature"),
    ("tmp", "tC", "temperature"),
    ("hum", "value", "humidity"),
    ("lux", "value", "lux"),
    ("gas_sensor", "alarm_state", "gas"),
    ("gas_sensor", "sensor_state", "operation"),
    ("gas_sensor", "self_test_state", "self_test"),
    ("concentration", "ppm", "concentration"),
    ("sensor", "state", "state"),
    ("accel", "tilt", "tilt"),
    ("accel", "vibration", "vibration"),
)


def answer(address: str, status: str) -> Message:
    """Its first relay."""
    return Message(f"shellies/{address}/relay/0/command", b"off" if status == CLOSED else b"on")


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("shellies/#", "+/shellies/#", "+/+/shellies/#"),
    replies=("shellies/+/relay/0/command",),
    matches=matches,
    decode=decode,
    address=address,
    rank=3,
    answer=answer,
)
