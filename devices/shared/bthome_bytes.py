"""BTHome version 2 as it is on the air, for hubs that pass the bytes on undecoded.

Source: bthome.io, "Format (v2)": service data of UUID FCD2, one byte about the device, then objects of an identifier
and a little-endian value. Lengths follow from the identifier, so an unknown one ends what can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from devices.shared import bthome
from devices.shared.finding import Findings
from devices.signal import SignalType, Suspect

UUID: Final = "fcd2"
_VERSION: Final = 2
_TEXT, _RAW = 0x53, 0x54
_BUTTON: Final = 0x3A


def _all(identifiers: Iterable[int], size: int) -> dict[int, tuple[str, int, float]]:
    return dict.fromkeys(identifiers, ("", size, 1))


_OBJECTS: Final[Mapping[int, tuple[str, int, float]]] = {
    # what alarmd does not use, for its length
    **_all((0x09, 0x0F, 0x10, 0x16, 0x18, 0x19, 0x1E, 0x1F, 0x24, 0x27, 0x2A, 0x2C, 0x46, 0x59, 0x60, 0x64), 1),
    **_all((0x08, 0x0D, 0x0E, 0x13, 0x3C, 0x3D, 0x43, 0x44, 0x47, 0x48, 0x49, 0x4A, 0x51, 0x52, 0x56), 2),
    **_all((0x5A, 0x5D, 0x5E, 0x5F, 0x61, 0xF0, 0x0C, 0x07), 2),
    **_all((0x0A, 0x0B, 0x42, 0x4B, 0xF2), 3),
    **_all((0x3E, 0x4C, 0x4D, 0x4E, 0x4F, 0x50, 0x55, 0x5B, 0x5C, 0x62, 0x63, 0xF1), 4),
    0x00: ("pid", 1, 1),
    0x01: ("battery", 1, 1),
    0x02: ("temperature", -2, 0.01),
    0x03: ("humidity", 2, 0.01),
    0x04: ("pressure", 3, 0.01),
    0x05: ("illuminance", 3, 0.01),
    0x06: ("weight", 2, 0.01),
    0x11: ("opening", 1, 1),
    0x12: ("co2", 2, 1),
    0x14: ("soil_moisture", 2, 0.01),
    0x15: ("battery_low", 1, 1),
    0x17: ("carbon_monoxide", 1, 1),
    0x1A: ("door", 1, 1),
    0x1B: ("garage_door", 1, 1),
    0x1C: ("gas", 1, 1),
    0x1D: ("heat", 1, 1),
    0x20: ("moisture", 1, 1),
    0x21: ("motion", 1, 1),
    0x22: ("moving", 1, 1),
    0x23: ("occupancy", 1, 1),
    0x25: ("presence", 1, 1),
    0x26: ("problem", 1, 1),
    0x28: ("safety", 1, 1),
    0x29: ("smoke", 1, 1),
    0x2B: ("tamper", 1, 1),
    0x2D: ("window", 1, 1),
    0x2E: ("humidity", 1, 1),
    0x2F: ("soil_moisture", 1, 1),
    _BUTTON: ("button", 1, 1),
    0x3F: ("rotation", -2, 0.1),
    0x40: ("distance_mm", 2, 1),
    0x41: ("distance", 2, 0.1),
    0x45: ("temperature", -2, 0.1),
    0x57: ("temperature", -1, 1),
    0x58: ("temperature", -1, 0.35),
}
"""Name, length (negative: signed) and factor by identifier."""


def read(data: bytes, findings: Findings) -> None:
    """Read the service data of one advertisement."""
    if not data or data[0] >> 5 != _VERSION:
        _unreadable(findings)
        return
    if data[0] & 1:
        bthome.encrypted(findings, button=True)
        return
    said, whole = _objects(data[1:])
    bthome.read(said, findings)
    if not whole and not findings.found:
        _unreadable(findings)


def _unreadable(findings: Findings) -> None:
    findings.add(SignalType.FAULT, suspect=Suspect.UNPARSEABLE, text="BTHome data that could not be read")


def _objects(data: bytes) -> tuple[dict[str, Any], bool]:
    """Values by name, all buttons as a list in their order; and whether everything could be read."""
    said: dict[str, Any] = {}
    buttons: list[int] = []
    at = 0
    while at < len(data):
        identifier = data[at]
        if identifier in (_TEXT, _RAW):
            end = at + 2 + (data[at + 1] if at + 1 < len(data) else 0)
            if identifier == _TEXT:
                said.setdefault("text", data[at + 2 : end].decode("utf-8", "replace"))
            at = end
            continue
        name, size, factor = _OBJECTS.get(identifier, ("", 0, 1))
        value = data[at + 1 : at + 1 + abs(size)]
        if not size or len(value) < abs(size):
            return _with(said, buttons), False
        figure = int.from_bytes(value, "little", signed=size < 0)
        if identifier == _BUTTON:
            buttons.append(figure)
        elif name:
            said.setdefault(name, figure if factor == 1 else round(figure * factor, 2))
        at += 1 + abs(size)
    return _with(said, buttons), True


def _with(said: dict[str, Any], buttons: list[int]) -> dict[str, Any]:
    if buttons:
        said["button"] = buttons[0] if len(buttons) == 1 else buttons
    return said
