"""Native devices: ``alarmd/v1/<device>/signal``, the format of CONTRACT.md.

All fields are optional. A field that cannot be used is dropped, never the alarm it came with.
"""

from __future__ import annotations

from typing import Any, Final

from devices.family import Family
from devices.shared import reading
from devices.shared.finding import Value, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "alarmd"
_PREFIX = "alarmd/v1/"
_SUFFIX = "/signal"
_TYPES = {kind.value: kind for kind in SignalType}
_GESTURES = {"double": "double", "triple": "triple", "long": "long", "hold": "long"} | dict.fromkeys(
    ("single", "short", "click", "press"), "single"
)
"""The words of a gesture, the telling ones first: a ``double_click`` is a click, too."""
_MAX_MEASUREMENTS = 64
_MAX_LETTERS: Final = 2_000  # of names and words of all measurements of one message
LONGEST: Final = 32 * 1024
"""Bytes of a message that are read. No device says a tenth of it; a longer one is not understood: a call for help."""


def matches(topic: str) -> bool:
    """Whether a device speaks here (its ``reply`` topic is ours, not its)."""
    return topic.startswith(_PREFIX) and topic.endswith(_SUFFIX) and len(topic) >= len(_PREFIX) + len(_SUFFIX) - 1


def address(topic: str) -> str | None:
    """The ``<device>`` of the topic; None if it is left empty."""
    return topic[len(_PREFIX) : -len(_SUFFIX)] or None if matches(topic) else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """One message is one signal, whatever it holds; see `Family.decode`."""
    if not matches(topic):
        return ()
    device = address(topic)
    try:
        said = reading.json_object(payload, longest=LONGEST)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    if reading.repeats_key(payload, "type"):
        return unreadable(device, NAME, retained=retained)
    kind, suspect, text = _type(said)
    where = reading.position(said.get("lat"), said.get("lon"))
    accuracy = reading.number(said.get("accuracy_m"))
    return (
        Signal(
            device=device,
            family=NAME,
            type=kind,
            at=reading.instant(said.get("at")),
            ref=reading.text(said.get("ref"), 200) or None,
            gesture=_gesture(said.get("gesture")) if kind is SignalType.PRESS else None,
            battery=reading.percent(said.get("battery")),
            lat=where[0] if where else None,
            lon=where[1] if where else None,
            accuracy_m=float(accuracy) if where and accuracy is not None and accuracy >= 0 else None,
            measurements=_measurements(said.get("measurements")),
            text=text,
            retained=retained,
            suspect=suspect,
        ),
    )


def _gesture(raw: object) -> str | None:
    """``single``, ``double`` or ``long`` however they are written; a word of the device's own as it stands."""
    word = reading.text(raw, 64).lower()
    parts = frozenset(reading.words(word))
    return next((said for known, said in _GESTURES.items() if known in parts), word) or None


def _type(said: dict[str, Any]) -> tuple[SignalType, Suspect | None, str]:
    """What was said; a word we do not know is a call for help that shows the word to whoever answers."""
    text = reading.text(said.get("text"))
    raw = said.get("type")
    if raw is None or raw == "":
        return SignalType.SOS, None, text
    word = reading.text(raw, 64)
    if kind := _TYPES.get(word.lower()):
        return kind, None, text
    return SignalType.SOS, Suspect.UNKNOWN_CODE, text or word


def _measurements(said: object) -> dict[str, Value]:
    if not isinstance(said, dict):
        return {}
    kept: dict[str, Value] = {}
    length = 0
    for name, value in list(said.items())[:_MAX_MEASUREMENTS]:
        clean = reading.text(name, 64)
        length += len(clean) + (len(value) if isinstance(value, str) else 0)
        if length > _MAX_LETTERS:
            break
        figure = reading.number(value)
        if isinstance(value, bool):
            kept[clean] = value
        elif figure is not None:
            kept[clean] = figure
        elif isinstance(value, str) and (words := reading.text(value, 200)) and words.lower() not in ("nan", "inf"):
            kept[clean] = words
    return kept


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("alarmd/v1/+/signal",),
    replies=("alarmd/v1/+/reply",),
    idle=b'{"ref":"alarmd-check","type":"heartbeat"}',
    matches=matches,
    decode=decode,
    address=address,
    overhears=None,
)
