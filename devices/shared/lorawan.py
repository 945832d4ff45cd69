"""What the decoded fields of LoRaWAN devices mean, whichever network server brought them.

The same bytes come out under other names from every codec and version (``button_event.status``, ``button``, ``press``),
so fields are found by name wherever they stand in the object. The tables are in `devices.shared.lorawan_fields`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final

from devices.shared import chinese, reading, vitals, wording
from devices.shared import lorawan_fields as tables
from devices.shared import lorawan_whole as whole
from devices.shared.finding import Findings, Found
from devices.signal import SignalType, Suspect

T = SignalType
NOT_FIELDS: Final = (Found(T.SOS, None, Suspect.UNPARSEABLE),)
"""What a codec's output is that is no object of fields."""
ANSWER_PORT: Final = 85
"""Where Milesight's devices listen; another needs its own payload written in full."""
_MAX_FIELDS = 256
_MAX_DEPTH = 8
_LISTS_OF_RECORDS = frozenset({"history", "datalog", "config", "configuration", "settings"})


_PAIRS: Final = (("type", "measurementvalue"), ("variable", "value"), ("name", "value"), ("n", "v"))
"""How codecs that list their fields name one: ``{"type":"Latitude","measurementValue":"22.5"}``."""


def read(fields: Mapping[str, Any], findings: Findings, *, port: int = 0) -> None:
    """Read a codec's output into the findings, whose ``at`` is the network server's time of receipt.

    Args:
        fields: By name, at any depth.
        findings: Where what was found goes.
        port: The LoRaWAN port, by which alone one maker's sensors tell a press from a door; 0 where it is not known.
    """
    flat = dict(_flatten(fields, "", 0, [_MAX_FIELDS]))
    whole.button_of_two_fields(flat)
    received = findings.at
    findings.at = reading.instant(flat.get("header.timestamp")) or received
    if place := whole.position(flat):
        findings.position = place
        findings.add(T.LOCATION)
    names = frozenset(map(whole.leaf, flat)) | {f"port {port}"}
    findings.worn = vitals.is_worn(names)
    for path, value in flat.items():
        _field(path, value, names, findings)
    whole.battery(flat, names, findings)
    if radar := whole.radar(flat):
        findings.found.append(radar)
    whole.events(fields.get("events"), findings)
    _history(fields, received, findings)
    findings.codec = fields


def _flatten(fields: Mapping[str, Any], above: str, depth: int, room: list[int]) -> Iterator[tuple[str, Any]]:
    """``{"a":{"B":1}}`` to ``a.b`` and 1, within bounds; the past is read elsewhere, settings nowhere."""
    yield from _pair(fields, above)
    for name, value in fields.items():
        path = f"{above}{str(name)[:64].lower()}"
        if room[0] <= 0:
            return
        if isinstance(value, dict | list):
            if value and depth < _MAX_DEPTH and path not in _LISTS_OF_RECORDS:
                room[0] -= 1
                inner = value if isinstance(value, dict) else _numbered(value, path)
                yield from _flatten(inner, f"{path}.", depth + 1, room)
        else:
            room[0] -= 1
            yield path, value


_MOST_OF_A_PAIR: Final = 12


def _numbered(values: list[Any], path: str) -> dict[str, Any]:
    """A list by number; the radar's own list of alarms is read as such."""
    return {
        str(at): value
        for at, value in enumerate(values[: whole.MAX_RECORDS])
        if not (path == "events" and isinstance(value, dict) and "alarm_type" in value)
    }


def _pair(fields: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    if not above:
        return
    if len(fields) > _MOST_OF_A_PAIR:
        return
    lower = {str(name)[:64].lower(): value for name, value in fields.items()}
    for called, held in _PAIRS:
        name, value = lower.get(called), lower.get(held)
        if isinstance(name, str) and isinstance(value, str | int | float):
            yield f"{above}{name[:64].lower()}", value
            return


def _field(path: str, value: object, names: frozenset[str], findings: Findings) -> None:
    leaf = _name(path)
    if (call := _call_above(path)) is not None:
        _call(call, leaf, value, names, findings)
    elif (kind := tables.FLAGS.get(leaf)) is not None:
        _flag(leaf, kind, value, names, findings)
    elif (states := tables.EVENTS_OF.get(path) or tables.STATES.get(leaf)) is not None:
        _state(leaf, states, value, findings)
    elif leaf in tables.THRESHOLDS:
        _threshold(leaf, value, findings)
    elif (name := tables.MEASURED.get(leaf)) is not None:
        if (figure := reading.number(value)) is not None:
            findings.measurements[name] = figure
            findings.add(T.MEASUREMENT)
    elif (name := tables.NOTED.get(leaf)) is not None:
        if (figure := reading.number(value)) is not None:
            findings.measurements[name] = figure
    elif (reader := _SPECIAL.get(leaf)) is not None:
        reader(path, value, names, findings)
    else:
        _stranger(path, leaf, value, names, findings)


def _is_said(value: object) -> bool:
    """Whether a value says yes or no; ``emergency_contact`` is a telephone number."""
    return reading.truth(value) is not None or (isinstance(value, str) and value.strip().lower() in tables.HELD)


@lru_cache(maxsize=4096)  # as above
def _call_above(path: str) -> SignalType | None:
    """Of ``sos.status`` and ``taster.pressed``: what the field above is, where the field itself only says how it is."""
    above, _, leaf = path.rpartition(".")
    if not above or leaf not in tables.STATES_OF_A_CALL:
        return None
    name = _name(above)
    if name in _known():
        return kind if (kind := tables.FLAGS.get(name)) in (T.SOS, T.FALL) else None
    if match := _CALLING.fullmatch(name):
        return T.SOS if match[1] else T.FALL
    return _sense(name)


def _call(kind: SignalType, leaf: str, value: object, names: frozenset[str], findings: Findings) -> None:
    if kind is T.PRESS:
        _press(leaf, value, names, findings)
    else:
        _flag(leaf, kind, value, names, findings)


def _stranger(path: str, leaf: str, value: object, names: frozenset[str], findings: Findings) -> None:
    """A field of no table: what its words say it is, in the languages that codecs are written in."""
    if match := _CALLING.fullmatch(leaf):
        _flag(leaf, T.SOS if match[1] else T.FALL, value, names, findings)
        return
    if (vital := vitals.bare(leaf)) is not None:
        if (figure := reading.number(value)) is not None:
            findings.measurements[vital if findings.worn else leaf] = figure
            findings.add(T.MEASUREMENT)
        return
    kind = _sense(leaf)
    if kind is T.PRESS:
        _press(path, value, names, findings)
    elif kind is not None and _is_said(value):
        _flag(leaf, kind, value, names, findings)


_KEY: Final = re.compile(
    r"(?:push|press|btn|button|key|click|taste|taster|knopf|bouton|appel|ruf|klingel|pull|cord|call|bell|boton|pulsante)"
    r"(?:_?(?:push|button|event|state|status|action|press|pressed|click|clicked|alarm|patient|malade|cord))*"
)
"""The same written in one word, ``pressEvent``: the codec's capitals are gone."""


@lru_cache(maxsize=4096)  # as above
def _sense(leaf: str) -> SignalType | None:
    """A call, a fall or a press by the words of a name; None for what only counts, times or sets them."""
    parts = set(wording.plain(leaf).split("_"))
    if not parts or parts & tables.NO_CALL or (chinese.is_setting(leaf) and "开关" not in leaf):
        return None
    kind = wording.kind_of(leaf)
    if kind in (T.SOS, T.FALL, T.PRESS):
        return kind
    return T.PRESS if parts <= tables.KEYS or _KEY.fullmatch(leaf) else None


_NUMBERED: Final = re.compile(r"(.+?)_?\d{1,2}")
_CALLING: Final = re.compile(
    r"(?:is|has)?_?(?:(sos|panic|emergency|emergence|help|assistance|distress|duress)"
    r"|fall|falldown|fall_down|mandown|man_down)"
    r"(?:_?(?:alarm|alert|push|button|btn|key|call|event|state|status|flag|mode|detected|pressed|triggered|active))*"
)
"""What codecs of people's own call it."""


@cache
def _known() -> frozenset[str]:
    return frozenset().union(
        tables.FLAGS, tables.STATES, tables.THRESHOLDS, tables.MEASURED, tables.NOTED, _SPECIAL, tables.PERCENT
    )


@lru_cache(maxsize=4096)  # as above
def _name(path: str) -> str:
    """The field's own name, without the number of one of several where only that is known."""
    leaf = whole.leaf(path)
    if leaf not in _known() and (match := _NUMBERED.fullmatch(leaf)):
        return match[1]
    return leaf


def _flag(leaf: str, kind: SignalType, value: object, names: frozenset[str], findings: Findings) -> None:
    yes = reading.truth(value)
    if yes is None and isinstance(value, str) and value.strip().lower() in tables.HELD:
        yes = True
    if yes is not None:
        findings.measurements[leaf] = yes
        if yes:
            findings.add(kind)
    elif kind in (T.SOS, T.FALL) and "alarm_type" not in names:
        word = reading.text(value, 64).lower()
        if word not in tables.CALM:
            findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"{leaf} {word}")


def _state(leaf: str, states: Mapping[str, tables.State], value: object, findings: Findings) -> None:
    word = reading.text(value, 64).lower()
    figure = reading.number(value)
    state = states.get(word) or (states.get("1" if figure else "0") if figure is not None else None)
    if state is None:
        if leaf in tables.NO_STRANGERS and word not in tables.CALM:
            findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"{leaf} {word}")
        return
    if state.name:
        findings.measurements[state.name] = state.value
    if state.type is not None:
        findings.add(state.type)


def _threshold(leaf: str, value: object, findings: Findings) -> None:
    """Limits set in the device itself: a matter for whoever set them."""
    word = reading.text(value, 64).lower()
    if word in tables.CALM or reading.truth(value) is False:
        return
    findings.add(T.FAULT, text=f"{leaf} {word}")


def _press(path: str, value: object, names: frozenset[str], findings: Findings) -> None:  # noqa: ARG001 - one shape
    """``"short press"``, ``"double"``, or 1 and 0 where a codec counts."""
    if isinstance(value, str) and (parts := set(reading.words(value))):
        rests = parts & tables.CALM or value.strip().lower() in tables.CALM
        if (rests and parts != {"unknown"}) or reading.truth(value) is False:
            return  # a press of a kind that its codec does not know is a press
        gesture = next((said for word, said in tables.GESTURES.items() if word in parts), None)
        findings.measurements["button"] = reading.text(value, 64)
        findings.add(T.PRESS, gesture=gesture or reading.text(value, 64))
    elif not isinstance(value, str) and reading.truth(value):
        findings.measurements["button"] = path
        findings.add(T.PRESS, gesture="single")


def _status(path: str, value: object, names: frozenset[str], findings: Findings) -> None:
    """``status`` is a press of Milesight's button_event and of Browan's button; of Browan's others, by their ports."""
    if path == "button_event.status":
        _press(path, value, names, findings)
        return
    yes = reading.truth(value)
    if "temperatureboard" not in names or "co2threshold" in names or yes is None:
        return
    for port, state, name in _BROWAN:
        if port in names or (name == "water_leak" and "humiditychanged" in names):
            findings.measurements[name] = yes
            if yes or state is not T.WATER:
                findings.add(state)
            return
    if yes and "count" not in names:
        findings.measurements["button"] = 1
        findings.add(T.PRESS, gesture="single")


_BROWAN: Final = (
    ("port 106", T.WATER, "water_leak"),
    ("port 100", T.DOOR, "open"),
    ("port 102", T.MOTION, "motion"),
)


def _input(path: str, value: object, names: frozenset[str], findings: Findings) -> None:  # noqa: ARG001 - one shape
    """What is wired to a box with inputs, a pull cord or a contact; ``invert`` turns one that rests closed."""
    word = reading.text(value, 16).lower()
    level = True if word == "high" else False if word == "low" else reading.truth(value)
    if level is not None:
        findings.measurements[path.replace(".", "_")] = level
        findings.measurements["open"] = level or findings.measurements.get("open") is True
        findings.add(T.DOOR)


def _motion(path: str, value: object, names: frozenset[str], findings: Findings) -> None:  # noqa: ARG001 - one shape
    """How often somebody moved since the last message, or whether."""
    if (moves := reading.truth(value)) is not None:
        findings.measurements["motion"] = moves
        findings.add(T.MOTION)


def _code(path: str, value: object, names: frozenset[str], findings: Findings) -> None:  # noqa: ARG001 - one shape
    """A word for what happened: ``"SOS"``, ``"Man Down detection"``, ``"heartbeat/button"``, ``"low battery"``."""
    parts = set(reading.words(value)) if isinstance(value, str) else set()
    for needed, kind in tables.CODES:
        if needed <= parts:
            if kind is None:
                return
            if kind is T.PRESS:
                findings.measurements["button"] = reading.text(value, 64)
            if kind is T.MOTION:
                findings.measurements["motion"] = not parts & {"end", "stop", "stopped"}
            text = reading.text(value, 100) if kind is T.FAULT else ""
            findings.add(kind, text=text, gesture="single" if kind is T.PRESS else None)
            return


def _type(path: str, value: object, names: frozenset[str], findings: Findings) -> None:
    """``type`` names the device, the message or what happened: only a call or a fall is taken from it.

    ``state`` beside Mutelcor's operation code, whose codec was told to write keywords, is that of its switch.
    """
    if path == "state" and "opcode" in names:
        _switch_state(path, value, names, findings)
        return
    parts = set(reading.words(value)) if isinstance(value, str) else set()
    if parts and parts <= tables.CALL_WORDS and parts & tables.CALLS:
        _code(path, value, names, findings)


def _event(path: str, value: object, names: frozenset[str], findings: Findings) -> None:
    """``event`` of Milesight's smoke detector, and of all others as any other word."""
    word = reading.text(value, 64).lower()
    if {"concentration", "temperature"} <= names or "smoke" in path:
        _state("smoke_event", tables.SMOKE_EVENTS, word, findings)
    else:
        _code(path, value, names, findings)


def _opcode(path: str, value: object, names: frozenset[str], findings: Findings) -> None:
    """Mutelcor's LoRaButton: 1 or ``"Alarm"`` is its call button, 0 its heartbeat, 2 the count of its other buttons.

    6 ``"Switch"`` and 7 ``"Reminder"`` are of a button that stays switched on: its state says what happened.
    """
    word = reading.text(value, 16).lower()
    if word in ("1", "alarm"):
        findings.measurements["button"] = "alarm"
        findings.add(T.SOS)
    elif word in ("2", "votes"):
        findings.measurements["button"] = "votes"
        findings.add(T.PRESS, gesture="single")
    elif word in ("6", "switch", "7", "reminder"):
        if not names & {"switch state", "switchstate", "switch_state", "state"}:
            findings.measurements["button"] = "switch"
            findings.add(T.PRESS, gesture="single")
    else:
        _code(path, value, names, findings)


def _switch_state(path: str, value: object, names: frozenset[str], findings: Findings) -> None:  # noqa: ARG001 - one shape
    """A button that is switched on by a press and off by the next, as those in a nurse call are."""
    yes = reading.truth(value)
    findings.measurements["button"] = reading.text(value, 32)
    if yes is False:
        findings.add(T.CANCEL, text="switched off")
    else:
        findings.add(T.PRESS, gesture="on" if yes else reading.text(value, 32))


def _alarm(path: str, value: object, names: frozenset[str], findings: Findings) -> None:
    """``alarm`` alone: a watch says SOS or FIRE, Dragino's push button TRUE; what others mean, nobody knows."""
    yes = reading.truth(value)
    if names & {"door_open_status", "water_leak_status"}:
        return  # Dragino's reminder that it has been so for long
    if isinstance(value, str) and yes is None:
        before = len(findings.found)
        _code(path, value, names, findings)
        word = value.strip().lower()
        if len(findings.found) == before and word not in tables.CALM:
            findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"alarm {reading.text(value, 64)}")
    elif yes:
        if "sound_key" in names:
            findings.add(T.SOS)
        else:
            findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text="alarm is on")


_SPECIAL: Final[Mapping[str, Callable[[str, object, frozenset[str], Findings], None]]] = {
    "status": _status,
    **dict.fromkeys(("type", "message", "msg", "text", "action", "state", "mode", "reason", "trigger"), _type),
    "motion": _motion,
    **dict.fromkeys(tables.INPUTS, _input),
    **dict.fromkeys(
        ("button", "press", "button_status", "buttontrigger", "buttonpressed", "button_pressed", "black_key"), _press
    ),
    **dict.fromkeys(tables.CODE_FIELDS, _code),
    "event": _event,
    "alarm": _alarm,
    "opcode": _opcode,
    **dict.fromkeys(("switch state", "switchstate", "switch_state"), _switch_state),
}


def _history(fields: Mapping[str, Any], received: datetime | None, findings: Findings) -> None:
    """Records kept while the network was away, judged by their own time; the latest of each kind.

    A record older than a day, or from the future, is history; a message of nothing else means nothing. Where the
    server does not say when the message came nobody knows how old it is: an alarm, with its time.
    """
    records = [record for name in _LISTS_OF_RECORDS for record in _records(fields.get(name))]
    if not records:
        return
    findings.quiet = findings.quiet or set(fields) <= _LISTS_OF_RECORDS
    latest: dict[SignalType, tuple[datetime, Found]] = {}
    for record in records:
        at = reading.instant(record.get("timestamp"))
        if at is None or (received is not None and not reading.recent(at, received)):
            continue
        for found in _record(record):
            if found.type in tables.REPLAYED and (found.type not in latest or at > latest[found.type][0]):
                latest[found.type] = (at, Found(found.type, found.gesture, found.suspect, found.text, at))
    findings.found.extend(found for _, found in latest.values())


def _record(record: Mapping[str, Any]) -> Iterator[Found]:
    past = Findings()
    flat = dict(_flatten(record, "", 0, [_MAX_FIELDS]))
    for path, value in flat.items():
        _field(path, value, frozenset(flat), past)
    yield from past.found
    if radar := whole.radar(flat):
        yield radar


def _records(value: object) -> list[dict[str, Any]]:
    return (
        [record for record in value[-whole.MAX_RECORDS :] if isinstance(record, dict)]
        if isinstance(value, list)
        else []
    )
