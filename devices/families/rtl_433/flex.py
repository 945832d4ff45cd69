"""rtl_433 decoders that somebody described (``-X n=bath_cord,…``), and models that say which key was pressed.

Source: merbanan/rtl_433, ``src/devices/flex.c`` and ``conf/*.conf``; issues 1195, 1619 and 1792, pull request 2050.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from devices.families.rtl_433 import saying
from devices.families.rtl_433.words import WORDS_IN
from devices.shared import plain_words, reading, wording
from devices.shared.finding import ALARMS, Findings
from devices.signal import SignalType

T = SignalType


def is_flex(said: Mapping[str, Any]) -> bool:
    """Whether a decoder of somebody's own wrote it."""
    return bool(_FLEX & said.keys()) or said.keys() >= _FLAT


_FLEX: Final = frozenset({"codes", "rows", "num_rows"})
_FLAT: Final = frozenset({"len", "data"})
"""A single row is written beside its count, and without the list."""
_ALIVE: Final = frozenset(
    "heartbeat supervision supervised alive checkin idle none released release".split()  # noqa: SIM905 - a table of words
)
_GETTERS: Final = ("button", "buttons", "btn", "key", "keys", "pressed", "press", "cmd", "command", "event", "state")


def read(said: Mapping[str, Any], findings: Findings) -> None:
    """Read ``-X n=bath_cord,…,get=@20:{4}:button``, whose name is what is heard with it.

    What its getters took from the bits stands beside the rows, or in each of them. A name that is no key's is only a
    press where nothing else was read.
    """
    fields = _with_rows(said)
    if len(fields) > len(said):
        saying.flags(fields, findings)
        for name in WORDS_IN:
            if name not in said and isinstance(word := fields.get(name), str):
                saying.word(word, findings)
    kind = plain_words.sense_of(reading.text(said.get("model"), 64))
    keys = [name for name in _GETTERS if name in fields]
    if any(_ALIVE.intersection(reading.words(reading.text(fields[name], 64))) for name in keys):
        return
    if any(reading.truth(fields.get(name)) for name in ("heartbeat", "supervision")):
        return
    silent = not any(one.type in ALARMS for one in findings.found)
    if kind is T.SOS or kind in saying.FROM_WORDS:
        if silent:
            findings.add(kind)
    elif kind is T.MOTION and not findings.found:
        saying.motion(findings, moves=True)
    elif silent and (not findings.found or kind is T.PRESS or {"button", "btn", "key", "pressed"} & set(keys)):
        saying.press(findings, _what_was_sent(fields, keys))


def _what_was_sent(fields: Mapping[str, Any], keys: list[str]) -> str:
    codes = fields.get("codes")
    code = codes[0] if isinstance(codes, list) and codes else codes
    told = (*(fields[name] for name in keys), code, fields.get("data"))
    return next((word for one in told if (word := reading.text(one, 64))), "pressed")


def _with_rows(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The getters of the rows beside those of the whole; the rows of one press are alike, the outer ones often torn."""
    rows = said.get("rows")
    fields = dict(said)
    for row in rows[:_ROWS] if isinstance(rows, list) else ():
        if isinstance(row, dict):
            for name, value in row.items():
                fields.setdefault(name, value)
    return fields


_ROWS: Final = 50  # rtl_433's own limit


def read_unknown_model(said: Mapping[str, Any], findings: Findings) -> None:
    """A model that is called after what is pressed, or that tells which key was: nothing else is heard of it."""
    keys = [name for name in _KEY_FIELDS if name in said]
    words = [reading.text(said[name], 64) for name in keys]
    if any(_ALIVE.intersection(reading.words(word)) for word in words):
        return
    kind = wording.kind_of(reading.text(said.get("model"), 64))
    if kind is T.SOS:
        findings.add(T.SOS)
    elif kind is T.PRESS or any(words):
        saying.press(findings, next((word for word in words if word), "pressed"))


_KEY_FIELDS: Final = ("button", "buttons", "button_code", "btn", "pressed", "key")
