"""What fields and words mean in every decoder of rtl_433, said once for the models and for decoders of one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.families.rtl_433.words import CONTACTS, FLAGS, GESTURES
from devices.shared import reading, wording
from devices.shared.finding import Findings
from devices.signal import SignalType, Suspect

T = SignalType


def door(findings: Findings, *, is_open: bool) -> None:
    """An opening, or a closing."""
    findings.measurements["open"] = is_open
    findings.add(T.DOOR)


def motion(findings: Findings, *, moves: bool) -> None:
    """Somebody moves, or does not any more."""
    findings.measurements["motion"] = moves
    findings.add(T.MOTION)


def press(findings: Findings, button: str, gesture: str = "single") -> None:
    """A key was pressed."""
    findings.measurements["button"] = button
    findings.add(T.PRESS, gesture=gesture)


def unknown(findings: Findings, what: str) -> None:
    """An alarm of which nobody knows what it means."""
    findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=what)


def flags(said: Mapping[str, Any], findings: Findings) -> None:
    """Every field that is an alarm's state."""
    for name in said:
        if (kind := FLAGS.get(name)) is not None and (yes := reading.truth(said[name])) is not None:
            findings.measurements[name] = yes
            if yes:
                findings.add(kind)


def contact(said: Mapping[str, Any], findings: Findings) -> None:
    """The first field that tells of a contact."""
    for name in CONTACTS:
        if name in said and reading.number(said[name]) != -1 and (is_open := reading.truth(said[name])) is not None:
            door(findings, is_open=is_open)
            return
    if "closed" in said and (closed := reading.truth(said["closed"])) is not None:
        door(findings, is_open=not closed)


_ARMING = re.compile(r"\b(?:arm|disarm|armed|disarmed|home|away|lights?|pairing|learn|binding|menu)\b", re.IGNORECASE)
_NEVER = re.compile(r"\bpin\b", re.IGNORECASE)


def word(word: str, findings: Findings) -> None:  # noqa: C901 - one line per thing that is said
    """What an event's text says; nothing of it is repeated, for it may be a PIN."""
    text = word[:64].upper()
    parts = set(reading.words(text))
    if parts & {"panic", "sos", "emergency", "medical"}:
        findings.add(T.SOS)
    elif parts & {"muted", "silenced"} or "ALARM OFF" in text or parts >= {"arm", "canceled"}:
        findings.add(T.CANCEL)
    elif _NEVER.search(word) or (_ARMING.search(word) and not parts & {"test", "tamper"}):
        findings.quiet = True
    elif "test" in parts:
        findings.add(T.TEST)
    elif "battery" in parts and parts & {"low", "battery"} and "report" not in parts:
        findings.add(T.BATTERY_LOW)
    elif parts & {"closed", "close"}:
        door(findings, is_open=False)
    elif parts & {"open", "opened"}:
        door(findings, is_open=True)
    elif "motion" in parts or "tripped" in parts:
        motion(findings, moves=not parts & {"ready", "normal", "clear", "stopped"})
    elif parts & {"button", "press", "pressed"}:
        press(findings, "button", GESTURES.get(text, "single"))
    elif "heartbeat" not in parts and (kind := wording.kind_of(word)) in FROM_WORDS:
        findings.add(kind)
    elif parts & {"unknown", "alarm", "alert"}:
        unknown(findings, "a code that rtl_433 does not know" if "unknown" in parts else "alarm")


FROM_WORDS: Final = frozenset({T.SMOKE, T.CO, T.GAS, T.HEAT, T.WATER, T.TAMPER, T.FALL})
