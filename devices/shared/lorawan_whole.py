"""What several fields of a LoRaWAN codec's output tell together: the place, the battery, a radar's alarms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from devices.shared import lorawan_fields as tables
from devices.shared import reading
from devices.shared.finding import Findings, Found
from devices.signal import SignalType, Suspect

T = SignalType
MAX_RECORDS: Final = 64
_MILLIVOLTS: Final = 100


@lru_cache(maxsize=4096)  # the same few hundred paths for ever; bounded against made-up ones
def leaf(path: str) -> str:
    """A field's own name: of ``floodreport.value``, ``digital_in_1`` and ``alarms.0`` what they are values of."""
    parts = path.split(".")
    while len(parts) > 1 and (parts[-1].isdecimal() or parts[-1] == "value"):
        parts.pop()
    return _ORDINAL.sub("", parts[-1])


_ORDINAL: Final = re.compile(r"\[\d{1,3}\] ?")
"""Mutelcor's codec numbers its fields, and numbers them anew in another version: ``[04] OpCode``."""


def position(flat: Mapping[str, Any]) -> tuple[float, float] | None:
    """Where it is, under one of the many names of latitude and longitude."""
    if not any("lat" in path for path in flat):
        return None
    leaves = {leaf(path): value for path, value in flat.items()} | dict(flat)
    for north, east in tables.POSITIONS:
        if north in leaves and east in leaves and (found := reading.position(leaves[north], leaves[east])):
            return found
    return None


def battery(flat: Mapping[str, Any], names: frozenset[str], findings: Findings) -> None:
    """Per cent, volts, LoRaWAN's 1…254 or a word, by the company the field keeps."""
    values = {leaf(path): value for path, value in flat.items() if "bat" in path or path == "vdd"}
    for name, value in values.items():
        figure = reading.number(value)
        volts = isinstance(value, str) and value.strip()[-1:] in ("V", "v")
        if volts or name in tables.VOLTS or (name == "battery" and names & tables.BROWAN):
            if figure is not None:
                findings.measurements["battery_voltage"] = figure / 1000 if figure > _MILLIVOLTS else figure
        elif name in tables.PERCENT and figure is not None:
            if name == "batterylevel" and "batterystatus" in names:
                findings.battery = reading.percent(round((figure - 1) / 253 * 100))
            else:
                findings.battery = reading.percent(figure)
        elif name in tables.PERCENT and "low" in set(reading.words(reading.text(value, 64))):
            findings.measurements["battery_low"] = True
            findings.add(T.BATTERY_LOW)


def events(events: object, findings: Findings) -> None:
    """Milesight VS373's list of alarms."""
    for event in events[:MAX_RECORDS] if isinstance(events, list) else ():
        if isinstance(event, dict) and (found := radar(event)):
            findings.found.append(found)
            for name in ("alarm_id", "region_id"):
                if (figure := reading.number(event.get(name))) is not None:
                    findings.measurements[name] = figure


def radar(event: Mapping[str, Any]) -> Found | None:
    """A radar's alarm: what it saw, or that it is over."""
    what = reading.text(event.get("alarm_type"), 64).lower()
    status = reading.text(event.get("alarm_status"), 64).lower()
    if not what:
        return None
    if "deactivated" in status or "ignored" in status:
        return Found(T.CANCEL, None, None, f"{what} {status.removeprefix('alarm_')}")
    kind = tables.RADAR.get(what)
    if kind is None and (parts := set(reading.words(what))) & tables.CALLS | parts & {"man"}:
        kind = next((known for needed, known in tables.CODES if needed <= parts), None)
    if kind is None:
        return None if what in tables.CALM else Found(T.FAULT, None, Suspect.UNKNOWN_CODE, f"alarm_type {what}")
    return Found(kind, None, None, what.replace("_", " "))


def button_of_two_fields(flat: dict[str, Any]) -> None:
    """Radio Bridge: which button in one field, and whether it was pressed, held or let go in another."""
    if "button.event" in flat and "button.state" in flat:
        which = reading.text(flat.pop("button.event"), 32)
        state = reading.text(flat.pop("button.state"), 32).lower()
        if state != "released":
            flat["press"] = f"{which} {'long' if state == 'held' else 'pressed'}"
